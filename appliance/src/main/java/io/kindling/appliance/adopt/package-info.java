/// Machines that another appliance installed and that this one meets: `Adoptions.reported(node)`
/// sends them back to their own disks, `Adoptions.adopt(node)` makes them this appliance's.
@NullMarked
package io.kindling.appliance.adopt;

import org.jspecify.annotations.NullMarked;
