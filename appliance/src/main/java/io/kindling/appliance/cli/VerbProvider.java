package io.kindling.appliance.cli;

import java.util.List;

/// Adds verbs to the command line; found by `java.util.ServiceLoader`.
public interface VerbProvider {

  /// picocli command objects (annotated with `@Command`), one a verb, new ones for each call.
  List<Object> verbs();
}
