/// `ConsoleHandler(model)`: the web console, server-rendered, kept live by htmx and server-sent
/// events.
@NullMarked
package io.kindling.appliance.console;

import org.jspecify.annotations.NullMarked;
