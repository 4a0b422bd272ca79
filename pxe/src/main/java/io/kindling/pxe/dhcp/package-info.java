/// DHCPv4: `DhcpServer(port, logic(packet, leases, config, clock))`; an ACK leaves after its lease
/// is durable.
@NullMarked
package io.kindling.pxe.dhcp;

import org.jspecify.annotations.NullMarked;
