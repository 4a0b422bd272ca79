/// What is handed to somebody who helps: `Snapshot(state, hosts).write(stream)` is a tar file
/// without secrets.
@NullMarked
package io.kindling.appliance.support;

import org.jspecify.annotations.NullMarked;
