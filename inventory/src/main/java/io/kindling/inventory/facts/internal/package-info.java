/// How each tool's output is read; no JSON node leaves this package.
@NullMarked
package io.kindling.inventory.facts.internal;

import org.jspecify.annotations.NullMarked;
