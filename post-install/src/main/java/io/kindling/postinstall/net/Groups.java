package io.kindling.postinstall.net;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;

/// Ports that reach each other, and who of them is the odd one out. Pure.
final class Groups {
  private Groups() {}

  /// Those connected by the relation, directly or through others; the largest group first, of
  /// equally large ones that of the first element.
  static <T> List<Set<T>> of(List<T> all, BiPredicate<T, T> both) {
    var left = new LinkedHashSet<>(all);
    var groups = new ArrayList<Set<T>>();
    while (!left.isEmpty()) {
      var group = new LinkedHashSet<T>();
      var next = new ArrayDeque<T>(List.of(left.iterator().next()));
      while (!next.isEmpty()) {
        T one = next.pop();
        if (left.remove(one)) {
          group.add(one);
          left.stream().filter(other -> both.test(one, other)).forEach(next::add);
        }
      }
      groups.add(group);
    }
    groups.sort((a, b) -> Integer.compare(b.size(), a.size()));
    return groups;
  }

  /// A member of a pair and whom it is at odds with.
  record Odd<T>(T one, List<T> others) {}

  /// Bad pairs told by as few elements as explain them: again and again the one in most pairs.
  static <T> List<Odd<T>> explain(List<T> all, BiPredicate<T, T> bad) {
    var left = new ArrayList<>(all);
    var odds = new ArrayList<Odd<T>>();
    while (true) {
      Odd<T> most = null;
      for (T one : left) {
        List<T> others =
            left.stream()
                .filter(o -> !o.equals(one) && (bad.test(one, o) || bad.test(o, one)))
                .toList();
        if (!others.isEmpty() && (most == null || others.size() > most.others().size())) {
          most = new Odd<>(one, others);
        }
      }
      if (most == null) {
        return odds;
      }
      odds.add(most);
      left.remove(most.one());
    }
  }
}
