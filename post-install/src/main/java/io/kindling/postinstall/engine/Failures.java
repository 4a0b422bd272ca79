package io.kindling.postinstall.engine;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a failure is: its name, and whether it passes by itself. The one place that decides what is
/// tried again. Pure.
final class Failures {

  /// What passes by itself: somebody else holds apt's lock, monitors elect a leader, a name or a
  /// server is away for a moment.
  private static final List<Pattern> PASSING =
      List.of(
          Pattern.compile("Could not get lock|Unable to acquire the dpkg|is held by process"),
          Pattern.compile("Temporary failure resolving|Could not connect to|Connection timed out"),
          Pattern.compile("Connection refused|Connection reset by peer|Unable to connect to"),
          Pattern.compile("error connecting to the cluster|RADOS timed out|probing|electing"),
          Pattern.compile("Resource temporarily unavailable|\\bEAGAIN\\b|Error EAGAIN"));

  private static final Pattern DISK_FULL = Pattern.compile("No space left on device|Disk quota");
  private static final Pattern NO_ROOT =
      Pattern.compile(
          "sudo: (a password is required|a terminal is required|.*not found)|not in the sudoers");
  private static final Pattern NO_SOURCE =
      Pattern.compile(
          "Unable to locate package|has no installation candidate|Failed to fetch|Could not resolve"
              + "|Unable to fetch|does not have a Release file|is not signed|Unable to connect"
              + "|Could not connect|Temporary failure resolving");

  /// How a script ends that SIGHUP, SIGKILL or SIGTERM ended, as when the node shuts down.
  private static final Set<Integer> KILLED = Set.of(129, 137, 143);

  private Failures() {}

  /// @param passing whether trying again makes sense
  record Failure(Finding finding, boolean passing) {}

  /// @param item the item that failed, null where none was reached
  /// @param state what it said of itself
  static Failure of(
      int code, @Nullable Item item, String state, TaskOutput output, List<NamedError> catalogue) {
    List<String> last = output.last();
    String said = String.join(" / ", last.subList(Math.max(0, last.size() - 4), last.size()));
    String where = item == null ? "" : item.title() + ": ";
    TaskOutput.Named named = output.error();
    boolean passing =
        state.equals("exit 75")
            || item == null && KILLED.contains(code)
            || last.stream().anyMatch(Failures::passes);
    if (named != null) {
      for (NamedError error : catalogue) {
        if (error.id().equals(named.id())) {
          return new Failure(Finding.of(error, named.text()), state.equals("exit 75"));
        }
      }
    }
    if (last.stream().anyMatch(line -> DISK_FULL.matcher(line).find())) {
      return new Failure(Finding.of(EngineError.DISK_FULL, where + said), false);
    }
    if (item == null && last.stream().anyMatch(line -> NO_ROOT.matcher(line).find())) {
      return new Failure(Finding.of(EngineError.NO_ROOT, said), false);
    }
    if (state.startsWith("not-as-planned:")) {
      String what = state.substring("not-as-planned:".length()).strip();
      return new Failure(Finding.of(EngineError.NOT_AS_PLANNED, where + what), false);
    }
    if (item instanceof Item.Gate gate && state.startsWith("gate: ")) {
      String what = state.substring("gate: ".length());
      return new Failure(Finding.of(gate.late(), where + what), false);
    }
    if (item instanceof Item.Packages) {
      boolean source = last.stream().anyMatch(line -> NO_SOURCE.matcher(line).find());
      return new Failure(
          Finding.of(
              source ? EngineError.PACKAGE_SOURCE : EngineError.PACKAGE_BROKEN,
              state + ". " + said),
          passing);
    }
    if (state.startsWith("unit-failed: ")) {
      return new Failure(
          Finding.of(
              EngineError.UNIT_FAILED, state.substring("unit-failed: ".length()) + " " + said),
          false);
    }
    return new Failure(
        Finding.of(
            EngineError.COMMAND_FAILED,
            where + (state.isEmpty() ? "exit " + code : state) + ". " + said),
        passing);
  }

  private static boolean passes(String line) {
    return PASSING.stream().anyMatch(pattern -> pattern.matcher(line).find());
  }
}
