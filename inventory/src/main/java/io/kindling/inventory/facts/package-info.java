/// What a machine said of itself: `FactsParser.parse(document) → Parsed(facts) |
/// Malformed(reason)`.
@NullMarked
package io.kindling.inventory.facts;

import org.jspecify.annotations.NullMarked;
