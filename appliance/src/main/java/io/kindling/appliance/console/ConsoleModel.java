package io.kindling.appliance.console;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the console shows: the same maps that the REST API sends as JSON, read anew for each page.
///
/// Values are strings, numbers, booleans, lists, maps and instants; a key may be absent or null.
/// Implementations are thread-safe. Text may come from machines: the console quotes it.
public interface ConsoleModel {

  /// All nodes that are not removed, in the order to show them.
  List<Map<String, Object>> nodes();

  /// The node of that id or name.
  Optional<Map<String, Object>> node(String idOrName);

  /// The newest events, newest last.
  ///
  /// @param limit at most so many
  List<Map<String, Object>> events(int limit);

  /// The appliance itself.
  Map<String, Object> status();

  /// The last verification of the networks between nodes, empty where there was none.
  Optional<Map<String, Object>> networks();

  /// The partition script that the node would get now, empty where nothing is decided for it.
  Optional<String> script(String idOrName);

  /// The disk layout that the node would get, as a table for the eye.
  Optional<String> plan(String idOrName);

  /// The end of the node's log.
  ///
  /// @param lines at most so many
  List<String> logTail(String idOrName, int lines);
}
