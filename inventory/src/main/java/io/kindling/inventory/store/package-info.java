/// The database: `Database.open(stateDir)`, and a gateway for each table over it.
@NullMarked
package io.kindling.inventory.store;

import org.jspecify.annotations.NullMarked;
