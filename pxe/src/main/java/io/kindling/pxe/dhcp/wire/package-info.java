/// Bytes and the record of one DHCPv4 message: pure functions, no exception for any input.
@NullMarked
package io.kindling.pxe.dhcp.wire;

import org.jspecify.annotations.NullMarked;
