/// Machines that another appliance installed: `InstalledSystems(ssh).visit(bootstrap)` says what is
/// on their disks and sends them back to it; `take` runs what makes them this appliance's.
@NullMarked
package io.kindling.postinstall.adopt;

import org.jspecify.annotations.NullMarked;
