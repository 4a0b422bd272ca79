/// `Kindling`: the command line; every verb is a client of the Unix socket or works offline.
@NullMarked
package io.kindling.appliance.cli;

import org.jspecify.annotations.NullMarked;
// LEAD: being written in /work/wt/console; see LEAD-NOTE.md at the worktree's top
