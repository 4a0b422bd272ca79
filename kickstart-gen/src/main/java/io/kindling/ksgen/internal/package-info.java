/// How kickstart-gen does it; nothing here is API.
@NullMarked
package io.kindling.ksgen.internal;

import org.jspecify.annotations.NullMarked;
