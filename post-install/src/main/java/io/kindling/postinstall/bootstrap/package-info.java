/// Machines that stay in the bootstrap for what is no installation: `Bootstraps.wipe(machine,
/// script)`, `letIn(machine, keys)`, `restart(machine)`.
@NullMarked
package io.kindling.postinstall.bootstrap;

import org.jspecify.annotations.NullMarked;
