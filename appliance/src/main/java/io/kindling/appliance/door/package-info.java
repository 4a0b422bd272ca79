/// `UnixDoor(socket, handler)`: the operators’ API on a Unix socket, by a guarded loopback bridge.
@NullMarked
package io.kindling.appliance.door;

import org.jspecify.annotations.NullMarked;
