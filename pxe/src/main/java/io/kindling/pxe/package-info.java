/// UDP and HTTP servers over decisions and leases that others own: `Server(port, handler(decisions,
/// leases))`.
@NullMarked
package io.kindling.pxe;

import org.jspecify.annotations.NullMarked;
