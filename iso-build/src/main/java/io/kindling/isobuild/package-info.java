/// `ImageBuilder(cache, progress)`: images out of Debian packages, cached by a hash of their
/// inputs.
@NullMarked
package io.kindling.isobuild;

import org.jspecify.annotations.NullMarked;
