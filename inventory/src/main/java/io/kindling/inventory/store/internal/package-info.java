/// Migrations and the encoding of rows.
@NullMarked
package io.kindling.inventory.store.internal;

import org.jspecify.annotations.NullMarked;
