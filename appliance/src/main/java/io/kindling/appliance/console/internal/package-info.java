/// What the console is made of: `map from the API → view map → template → bytes`.
@NullMarked
package io.kindling.appliance.console.internal;

import org.jspecify.annotations.NullMarked;
