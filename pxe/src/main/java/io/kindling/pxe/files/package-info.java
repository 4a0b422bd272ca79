/// The files that machines may fetch, by name; small ones are kept in memory.
@NullMarked
package io.kindling.pxe.files;

import org.jspecify.annotations.NullMarked;
