/// UDP sockets behind one interface: the kernel's own calls where a device or many packets matter,
/// MINA elsewhere; the neighbour table.
@NullMarked
package io.kindling.pxe.net;

import org.jspecify.annotations.NullMarked;
