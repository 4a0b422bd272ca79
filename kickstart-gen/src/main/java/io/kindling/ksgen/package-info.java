/// Pure functions: `facts + roles + policy → Layout → ks_spaces → partition script → kickstart`.
@NullMarked
package io.kindling.ksgen;

import org.jspecify.annotations.NullMarked;
