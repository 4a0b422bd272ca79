package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.http.Problem;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which nodes, in which order, and which part of them: `state=`, `role=`, `label=` (each more than
/// once), `q=`, `sort=`, `limit=`, `after=`.
///
/// @param states any of these; all where none is named
/// @param roles any of these
/// @param labels all of these
/// @param words each of them must stand somewhere in a node's texts
/// @param limit nodes on a page, 0 for no end
/// @param after where the page before ended
public record NodeQuery(
    Set<NodeState> states,
    Set<Role> roles,
    Set<String> labels,
    List<String> words,
    Sort sort,
    boolean descending,
    int limit,
    Optional<NodeKey> after) {

  /// Nodes on a page, at most.
  static final int MOST = 1000;

  private static final int MAX_TEXT = 200;
  private static final Set<String> KNOWN =
      Set.of("state", "role", "label", "q", "sort", "limit", "after", "view");

  public NodeQuery {
    states = Set.copyOf(states);
    roles = Set.copyOf(roles);
    labels = Set.copyOf(labels);
    words = List.copyOf(words);
  }

  /// What nodes are sorted by.
  public enum Sort {
    NAME,
    STATE,
    ROLES,
    MODEL,
    CPUS,
    MEMORY,
    DISKS,
    NICS,
    FIRMWARE,
    SEEN,
    DISCOVERED;

    /// The word in URLs.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Where a node stands in an order. Opaque to those who page.
  ///
  /// @param name makes the order total
  public record NodeKey(long number, String text, String name) implements Comparable<NodeKey> {
    @Override
    public int compareTo(NodeKey other) {
      int byNumber = Long.compare(number, other.number);
      int byText = byNumber == 0 ? text.compareTo(other.text) : byNumber;
      return byText == 0 ? name.compareTo(other.name) : byText;
    }

    /// As a parameter.
    public String token() {
      String plain = number + "\n" + name + "\n" + text;
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
    }

    static NodeKey of(String token) {
      try {
        String plain = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        String[] parts = plain.split("\n", 3);
        return new NodeKey(Long.parseLong(parts[0]), parts[2], parts[1]);
      } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
        throw bad("`after` is not what a page before named");
      }
    }
  }

  /// Reads the parameters of a URL.
  ///
  /// @throws Problem 400 for an unknown one or one with a wrong value
  public static NodeQuery of(Map<String, ? extends Collection<String>> parameters) {
    for (String key : parameters.keySet()) {
      if (!KNOWN.contains(key)) {
        throw bad(
            "unknown parameter `" + key + "`; known: " + String.join(", ", new TreeSet<>(KNOWN)));
      }
    }
    var states = new LinkedHashSet<NodeState>();
    for (String state : values(parameters, "state")) {
      states.add(
          Arrays.stream(NodeState.values())
              .filter(s -> s.label().equals(state) && s != NodeState.REMOVED)
              .findFirst()
              .orElseThrow(() -> bad("there is no state `" + state + "`")));
    }
    var roles = new LinkedHashSet<Role>();
    for (String role : values(parameters, "role")) {
      roles.add(Role.of(role).orElseThrow(() -> bad("there is no role `" + role + "`")));
    }
    String sort = first(parameters, "sort");
    boolean descending = sort != null && sort.startsWith("-");
    String word = sort == null || sort.isEmpty() ? "name" : descending ? sort.substring(1) : sort;
    String limit = first(parameters, "limit");
    if (limit != null && !limit.matches("[0-9]{1,4}")) {
      throw bad("`limit` is a number up to " + MOST);
    }
    String after = first(parameters, "after");
    String q = first(parameters, "q");
    return new NodeQuery(
        states,
        roles,
        new LinkedHashSet<>(values(parameters, "label")),
        q == null ? List.of() : words(q),
        Arrays.stream(Sort.values())
            .filter(s -> s.label().equals(word))
            .findFirst()
            .orElseThrow(() ->
                bad(
                    "`sort` is one of "
                        + String.join(", ", Arrays.stream(Sort.values()).map(Sort::label).toList())
                        + ", with a dash before it for the other way round")),
        descending,
        limit == null ? 0 : Math.min(MOST, Integer.parseInt(limit)),
        after == null || after.isEmpty() ? Optional.empty() : Optional.of(NodeKey.of(after)));
  }

  /// The same with a page's length where none was asked for.
  public NodeQuery paged(int otherwise) {
    return limit > 0
        ? this
        : new NodeQuery(states, roles, labels, words, sort, descending, otherwise, after);
  }

  private static List<String> words(String q) {
    String text = q.length() > MAX_TEXT ? q.substring(0, MAX_TEXT) : q;
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("\\s+", -1))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /// An empty field of a form asks for nothing.
  private static List<String> values(
      Map<String, ? extends Collection<String>> parameters, String key) {
    Collection<String> values = parameters.get(key);
    return values == null ? List.of() : values.stream().filter(v -> !v.isEmpty()).toList();
  }

  private static @Nullable String first(
      Map<String, ? extends Collection<String>> parameters, String key) {
    Collection<String> values = parameters.get(key);
    return values == null ? null : values.stream().findFirst().orElse(null);
  }

  private static Problem bad(String detail) {
    return new Problem(400, ApplianceError.BAD_REQUEST, detail);
  }
}
