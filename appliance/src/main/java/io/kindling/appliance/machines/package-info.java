/// `MachineDoor(address, boot, inventory, tokens)`: the machines’ listener; no operator function is
/// reachable here.
@NullMarked
package io.kindling.appliance.machines;

import org.jspecify.annotations.NullMarked;
