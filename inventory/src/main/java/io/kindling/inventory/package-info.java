/// What machines exist: `Inventory(nodes, events, clock, ids).report(document, credentials) →
/// Created | Updated | Quarantined | Rejected`.
@NullMarked
package io.kindling.inventory;

import org.jspecify.annotations.NullMarked;
