/// What machines exist: `Inventory(store, clock).report(document)`.
@NullMarked
package io.kindling.inventory;

import org.jspecify.annotations.NullMarked;
