/// `Installer(outcomes, ssh, log, hooks).install(plan)`: durable, idempotent tasks over SSH.
@NullMarked
package io.kindling.postinstall;

import org.jspecify.annotations.NullMarked;
