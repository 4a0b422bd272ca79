package io.kindling.appliance.console;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What the console shows: the same maps that the REST API sends as JSON, read anew for each page.
///
/// Values are strings, numbers, booleans, lists, maps and instants; a key may be absent or null.
/// Implementations are thread-safe. Text may come from machines: the console quotes it.
public interface ConsoleModel {

  /// A page of the nodes that are not removed.
  ///
  /// @param rows the nodes in short
  /// @param total all nodes there are
  /// @param matching those that the query finds
  /// @param counts all nodes by state
  /// @param next the parameter `after` of the next page, empty where this is the last
  record Listed(
      List<Map<String, Object>> rows,
      int total,
      int matching,
      Map<String, Integer> counts,
      Optional<String> next) {
    public Listed {
      rows = List.copyOf(rows);
      counts = Map.copyOf(counts);
    }
  }

  /// The nodes that `GET /api/v1/nodes` lists for these parameters.
  ///
  /// @param length of a page, where the query names none
  /// @throws io.kindling.appliance.http.Problem where the query is wrong
  Listed nodes(Map<String, ? extends Collection<String>> query, int length);

  /// The ids of all nodes that such a query finds, in its order.
  ///
  /// @throws io.kindling.appliance.http.Problem where the query is wrong
  List<UUID> found(Map<String, ? extends Collection<String>> query);

  /// The node of that id or name.
  Optional<Map<String, Object>> node(String idOrName);

  /// The node's hardware in depth; slow, for its document is read.
  Optional<Map<String, Object>> hardware(String idOrName);

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

  /// The kickstart that the node would get now, without the attempt's token; empty where nothing is
  /// decided for it or its release has none.
  Optional<String> kickstart(String idOrName);

  /// The disk layout that the node would get, as a table for the eye.
  Optional<String> plan(String idOrName);

  /// The end of the node's log.
  ///
  /// @param lines at most so many
  List<String> logTail(String idOrName, int lines);
}
