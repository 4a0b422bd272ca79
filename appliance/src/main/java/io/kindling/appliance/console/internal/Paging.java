package io.kindling.appliance.console.internal;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One page of a list that is in memory, by `page=` beside the parameters that find its entries.
/// Immutable.
///
/// @param path of the page that shows it
/// @param found the parameters without `page`
/// @param page from 1
public record Paging(String path, Map<String, List<String>> found, int page) {
  private static final String PAGE = "page";

  /// Entries on a page.
  public static final int LENGTH = 100;

  public Paging {
    found = Map.copyOf(found);
  }

  /// A `page` that is no number is the first.
  public static Paging of(String path, Map<String, ? extends Collection<String>> query) {
    var found = new LinkedHashMap<String, List<String>>();
    query.forEach((key, values) -> {
      List<String> told = values.stream().filter(v -> !v.isEmpty()).toList();
      if (!key.equals(PAGE) && !told.isEmpty()) {
        found.put(key, told);
      }
    });
    Collection<String> number = query.get(PAGE);
    String text = number == null ? "" : String.join("", number);
    return new Paging(path, found, text.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(text) : 1);
  }

  /// The entries of this page, or of the last where there are not so many.
  public <T> List<T> of(List<T> all) {
    int from = (shown(all.size()) - 1) * LENGTH;
    return all.subList(from, Math.min(all.size(), from + LENGTH));
  }

  private int shown(int matching) {
    return Math.min(page, last(matching));
  }

  private static int last(int matching) {
    return Math.max(1, (matching + LENGTH - 1) / LENGTH);
  }

  /// What the filter's form and the links below a list show.
  ///
  /// @param total entries there are
  /// @param matching those that were found
  /// @param hint what can be looked for
  public Map<String, Object> view(int total, int matching, String hint) {
    int at = shown(matching);
    int last = last(matching);
    var view = new LinkedHashMap<String, Object>();
    view.put("path", path);
    view.put("hint", hint);
    view.put("q", String.join(" ", found.getOrDefault("q", List.of())));
    for (String key : List.of("state", "role", "label")) {
      view.put(key, found.getOrDefault(key, List.of()));
    }
    view.put("sort", String.join("", found.getOrDefault("sort", List.of())));
    view.put("filtered", !found.isEmpty());
    view.put("total", total);
    view.put("matching", matching);
    view.put("page", at);
    view.put("pages", last);
    view.put("before", at > 1 ? href(at - 1) : "");
    view.put("next", at < last ? href(at + 1) : "");
    return view;
  }

  private String href(int number) {
    return Links.to(path, found, PAGE, PAGE, Integer.toString(number));
  }
}
