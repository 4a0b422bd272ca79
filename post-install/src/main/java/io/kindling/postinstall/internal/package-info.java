/// The installation's tasks: `RemoteJob(connection).run(script)`, a script that outlives the
/// connection which started it.
@NullMarked
package io.kindling.postinstall.internal;

import org.jspecify.annotations.NullMarked;
