/// `Releases(directory)`: installation trees of the RHEL family, imported from their ISOs, and who
/// serves them to installers.
@NullMarked
package io.kindling.appliance.release;

import org.jspecify.annotations.NullMarked;
