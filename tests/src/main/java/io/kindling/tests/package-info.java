/// The virtual rack, and what crosses modules.
@NullMarked
package io.kindling.tests;

import org.jspecify.annotations.NullMarked;
