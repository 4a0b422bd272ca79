/// `Console(view)`: the web console, server-rendered, live by htmx and server-sent events.
@NullMarked
package io.kindling.appliance.console;

import org.jspecify.annotations.NullMarked;
// LEAD: being written in /work/wt/console; see LEAD-NOTE.md at the worktree's top
