/// Verbs on a cluster that serves: `DayTwo(decisions(nodes, drives), engine)`: a request is decided
/// to an order, checked, shown, and carried out by the engine.
@NullMarked
package io.kindling.appliance.daytwo;

import org.jspecify.annotations.NullMarked;
