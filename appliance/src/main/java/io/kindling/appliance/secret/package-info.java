/// Keeps secrets: `SealedSettings(settings, key)`. The key lies in a file of its own, beside the
/// database, never in it.
@NullMarked
package io.kindling.appliance.secret;

import org.jspecify.annotations.NullMarked;
