/// `Engine(outcomes, log).run(tasks(plan, ssh))`: durable, idempotent tasks over SSH.
@NullMarked
package io.kindling.postinstall;

import org.jspecify.annotations.NullMarked;
