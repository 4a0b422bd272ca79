/// UDP sockets behind one interface: Netty on a named device, MINA on an address; the neighbour
/// table.
@NullMarked
package io.kindling.pxe.net;

import org.jspecify.annotations.NullMarked;
