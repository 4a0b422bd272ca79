/// An appliance's state as one sealed file: `Backup(state, database).write(passphrase, file)` while
/// it serves, `Restore(file, passphrase).into(state)` on another machine.
@NullMarked
package io.kindling.appliance.backup;

import org.jspecify.annotations.NullMarked;
