/// Machines that an operator takes aside into the bootstrap: `Rescues.begin(node)` leaves them
/// there untouched until it is ended, `Wipes.begin(node, disks)` clears the disks that were named.
@NullMarked
package io.kindling.appliance.aside;

import org.jspecify.annotations.NullMarked;
