package io.kindling.appliance.console.internal;

import io.kindling.appliance.console.ConsoleModel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The list of nodes for the template: rows, and the links that lead to another order, state or
/// page. Pure; safe to call with any query.
public final class ListViews {

  /// The word in URLs → the column's head. The order is the table's.
  private static final Map<String, String> COLUMNS = columns();

  private ListViews() {}

  public static Map<String, Object> of(
      ConsoleModel.Listed listed, Map<String, ? extends Collection<String>> query, Instant now) {
    var view = new LinkedHashMap<String, Object>();
    List<String> states = values(query, "state");
    List<String> roles = values(query, "role");
    List<String> labels = values(query, "label");
    String q = String.join(" ", values(query, "q"));
    view.put("rows", listed.rows().stream().map(row -> Views.row(row, now)).toList());
    view.put("total", listed.total());
    view.put("matching", listed.matching());
    view.put("counts", counts(listed.counts(), query, states));
    view.put("columns", columns(query));
    view.put("q", q);
    view.put("states", states);
    view.put("roles", roles);
    view.put("labels", labels);
    view.put("sort", String.join("", values(query, "sort")));
    view.put("limit", String.join("", values(query, "limit")));
    view.put("after", String.join("", values(query, "after")));
    view.put(
        "filtered", !states.isEmpty() || !roles.isEmpty() || !labels.isEmpty() || !q.isEmpty());
    view.put("next", listed.next().map(after -> href(query, "after", after)).orElse(""));
    view.put("first", values(query, "after").isEmpty() ? "" : href(query, "after", ""));
    return view;
  }

  private static Map<String, String> columns() {
    var columns = new LinkedHashMap<String, String>();
    columns.put("name", "name");
    columns.put("state", "state");
    columns.put("model", "machine");
    columns.put("cpus", "CPUs");
    columns.put("memory", "memory");
    columns.put("disks", "disks");
    columns.put("nics", "NICs");
    columns.put("firmware", "firmware");
    columns.put("roles", "roles");
    columns.put("seen", "seen");
    return columns;
  }

  private static List<Map<String, Object>> columns(
      Map<String, ? extends Collection<String>> query) {
    String sort = String.join("", values(query, "sort"));
    var views = new ArrayList<Map<String, Object>>();
    COLUMNS.forEach((key, title) -> {
      boolean up = sort.equals(key) || (sort.isEmpty() && key.equals("name"));
      boolean down = sort.equals("-" + key);
      views.add(
          Map.of(
              "key",
              key,
              "title",
              title,
              "order",
              up ? "ascending" : down ? "descending" : "none",
              "href",
              href(query, "sort", up ? "-" + key : key)));
    });
    return views;
  }

  private static List<Map<String, Object>> counts(
      Map<String, Integer> counts,
      Map<String, ? extends Collection<String>> query,
      List<String> chosen) {
    var views = new ArrayList<Map<String, Object>>();
    for (String state : Views.STATES) {
      Integer number = counts.get(state);
      boolean on = chosen.contains(state);
      if (number != null || on) {
        views.add(
            Map.of(
                "state",
                state,
                "number",
                number == null ? 0 : number,
                "chosen",
                on,
                "href",
                href(query, "state", on ? "" : state)));
      }
    }
    return views;
  }

  /// The query with another value of that parameter (none where it is empty), on its first page.
  private static String href(
      Map<String, ? extends Collection<String>> query, String key, String value) {
    return Links.to("/", query, "after", key, value);
  }

  private static List<String> values(Map<String, ? extends Collection<String>> query, String key) {
    Collection<String> values = query.get(key);
    return values == null ? List.of() : values.stream().filter(v -> !v.isEmpty()).toList();
  }
}
