/// The stores that other modules declare, on the inventory’s tables.
@NullMarked
package io.kindling.appliance.store;

import org.jspecify.annotations.NullMarked;
