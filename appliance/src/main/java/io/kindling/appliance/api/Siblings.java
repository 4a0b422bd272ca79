package io.kindling.appliance.api;

import io.kindling.appliance.console.internal.Words;
import io.kindling.inventory.Node;
import io.kindling.inventory.facts.Facts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// In what a machine differs from others of its vendor and model: bought alike, they should be
/// alike. Immutable.
///
/// What most of them have (more than half of at least [#FEWEST]) is taken for right.
final class Siblings {
  /// Of two machines nobody can say which is the odd one.
  static final int FEWEST = 3;

  private record Model(String vendor, String product) {}

  /// @param told in what words, from its own and the siblings' value
  private record Trait(Function<Facts, @Nullable Object> of, Telling told) {}

  /// Two values → words.
  private interface Telling {
    String of(Object own, Object theirs);
  }

  private static final List<Trait> TRAITS =
      List.of(
          new Trait(f -> positive(f.summary().memoryModules()), (a, b) -> count("DIMM", a, b)),
          new Trait(
              Siblings::memory,
              (a, b) -> "%s of memory, its siblings have %s".formatted(gib(a), gib(b))),
          new Trait(f -> positive(f.disks().size()), (a, b) -> count("disk", a, b)),
          new Trait(
              f -> positive(f.cpu().threads()),
              (a, b) -> "%s CPU threads, its siblings have %s".formatted(a, b)),
          new Trait(
              HardwareViews::speed,
              (a, b) -> "its fastest NIC does %s Mbit/s, its siblings' %s".formatted(a, b)),
          new Trait(
              f -> f.system().firmwareVersion(),
              (a, b) -> "firmware %s, its siblings have %s".formatted(a, b)));

  private final Map<UUID, List<String>> hints;

  private Siblings(Map<UUID, List<String>> hints) {
    this.hints = hints;
  }

  /// In what this node differs; empty where it does not.
  List<String> hints(Node node) {
    return hints.getOrDefault(node.id(), List.of());
  }

  static Siblings of(List<Node> nodes) {
    Map<Model, List<Node>> models = new HashMap<>();
    for (Node node : nodes) {
      Facts facts = node.facts();
      if (facts != null && facts.system().product() != null) {
        String vendor = Objects.requireNonNullElse(facts.system().vendor(), "");
        models
            .computeIfAbsent(new Model(vendor, facts.system().product()), m -> new ArrayList<>())
            .add(node);
      }
    }
    Map<UUID, List<String>> hints = new HashMap<>();
    for (List<Node> siblings : models.values()) {
      for (Trait trait : TRAITS) {
        compare(siblings, trait, hints);
      }
    }
    return new Siblings(hints);
  }

  private static void compare(List<Node> siblings, Trait trait, Map<UUID, List<String>> hints) {
    Map<UUID, Object> values = new LinkedHashMap<>();
    Map<Object, Integer> counts = new HashMap<>();
    for (Node node : siblings) {
      Facts facts = node.facts();
      Object value = facts == null ? null : trait.of().apply(facts);
      if (value != null) {
        values.put(node.id(), value);
        counts.merge(value, 1, Integer::sum);
      }
    }
    if (values.size() < FEWEST) {
      return;
    }
    for (Map.Entry<Object, Integer> usual : counts.entrySet()) {
      if (usual.getValue() * 2 > values.size()) {
        values.forEach((id, value) -> {
          if (!value.equals(usual.getKey())) {
            hints
                .computeIfAbsent(id, i -> new ArrayList<>())
                .add(trait.told().of(value, usual.getKey()));
          }
        });
      }
    }
  }

  private static @Nullable Object positive(int number) {
    return number > 0 ? (Object) number : null;
  }

  /// In GiB: what the kernel leaves of the modules differs by some MiB from boot to boot.
  private static @Nullable Object memory(Facts facts) {
    long bytes = facts.summary().moduleBytes();
    long gib = Math.round((bytes > 0 ? bytes : facts.memoryBytes()) / (double) (1L << 30));
    return gib > 0 ? (Object) gib : null;
  }

  private static String gib(Object gib) {
    return Words.size((Long) gib << 30);
  }

  private static String count(String what, Object own, Object theirs) {
    int difference = (Integer) own - (Integer) theirs;
    int by = Math.abs(difference);
    return "%d %s%s %s than its siblings: %s, they have %s"
        .formatted(by, what, by == 1 ? "" : "s", difference < 0 ? "less" : "more", own, theirs);
  }
}
