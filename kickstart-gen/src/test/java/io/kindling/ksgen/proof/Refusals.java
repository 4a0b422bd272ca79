package io.kindling.ksgen.proof;

import io.kindling.ksgen.proof.Document.Drive;
import io.kindling.ksgen.proof.Trial.Outcome;
import io.kindling.ksgen.proof.Trial.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Judges a refusal: whether its reason can be true, and whether "N MiB short" is the truth, by
/// laying out the same machine with that drive grown by N MiB and by one less.
final class Refusals {

  private static final Pattern SHORT = Pattern.compile("([0-9]+) MiB short");

  private static final Pattern GIVEN =
      Pattern.compile("`([a-z]+): ([0-9]+)` is ([0-9]+) MiB short of the ([0-9]+)");

  private Refusals() {}

  static List<String> faults(Trial trial, Document document, Rules rules, Refused refused) {
    var faults = new ArrayList<String>();
    switch (refused.id()) {
      case "KSG-001" -> {
        if (!rules.any() && document.drives().stream().anyMatch(Drive::eligible)) {
          faults.add("no disk, it says, of " + document.drives());
        }
      }
      case "KSG-024" -> given(document, rules, refused, faults);
      case "KSG-002" -> shortfall(trial, document, refused, faults);
      default -> {
        if (!rules.any()) {
          faults.add("refused without any rule: " + refused);
        }
      }
    }
    return faults;
  }

  /// A rule's own size is too small: it says by how much.
  private static void given(Document document, Rules rules, Refused refused, List<String> faults) {
    Matcher m = GIVEN.matcher(refused.detail());
    if (!m.find() || named(document, refused).isEmpty()) {
      faults.add("names no drive, volume or shortfall: " + refused.detail());
      return;
    }
    long given = Long.parseLong(m.group(2));
    long missing = Long.parseLong(m.group(3));
    boolean said =
        rules.entries().stream()
            .anyMatch(e ->
                e.get("use") instanceof Map<?, ?> use
                    && use.get(m.group(1)) instanceof Number n
                    && n.longValue() == given);
    if (!said || missing <= 0 || given + missing != Long.parseLong(m.group(4))) {
      faults.add("the rules do not say so: " + refused.detail());
    }
  }

  private static void shortfall(
      Trial trial, Document document, Refused refused, List<String> faults) {
    Matcher m = SHORT.matcher(refused.detail());
    Optional<Drive> named = named(document, refused);
    if (!m.find() || named.isEmpty()) {
      faults.add("names no drive or no shortfall: " + refused.detail());
      return;
    }
    Drive drive = named.orElseThrow();
    long missing = Long.parseLong(m.group(1));
    if (missing <= 0) {
      faults.add("a shortfall of nothing: " + refused.detail());
      return;
    }
    if (refused.detail().contains("beside what is kept")) {
      return; // A gap before a kept partition does not grow with the drive.
    }
    Outcome enough = trial.grown(drive, missing).run();
    if (enough instanceof Refused still && says(still, document, drive)) {
      faults.add(
          "%d MiB more are not enough for %s: %s, then %s"
              .formatted(missing, drive.name(), refused.detail(), still.detail()));
    }
    if (missing > 1) {
      Outcome less = trial.grown(drive, missing - 1).run();
      boolean oneShort =
          less instanceof Refused still
              && says(still, document, drive)
              && still.detail().contains(" 1 MiB short");
      if (!oneShort) {
        faults.add(
            "%d MiB more would do for %s: %s, then %s"
                .formatted(
                    missing - 1,
                    drive.name(),
                    refused.detail(),
                    less instanceof Refused r ? r : "laid out"));
      }
    }
  }

  private static boolean says(Refused refused, Document document, Drive drive) {
    return refused.id().equals("KSG-002")
        && named(document, refused).filter(d -> d.paths().equals(drive.paths())).isPresent();
  }

  /// The drive that the text names, by a name that ends where the text's word does.
  private static Optional<Drive> named(Document document, Refused refused) {
    for (String word : refused.detail().split("[\\s()`,:]+(?=[^:]*)")) {
      for (Drive drive : document.drives()) {
        if (!word.isEmpty() && drive.called(word)) {
          return Optional.of(drive);
        }
      }
    }
    for (Drive drive : document.drives()) {
      for (String link : drive.links()) {
        if (refused.detail().contains(link.substring(link.lastIndexOf('/') + 1) + " ")) {
          return Optional.of(drive);
        }
      }
    }
    return Optional.empty();
  }
}
