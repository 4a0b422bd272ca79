/// `Cache(directory).get(recipe)`: runs a recipe's script once and keeps what it leaves.
@NullMarked
package io.kindling.isobuild.internal;

import org.jspecify.annotations.NullMarked;
