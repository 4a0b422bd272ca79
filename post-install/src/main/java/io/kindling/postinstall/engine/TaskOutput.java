package io.kindling.postinstall.engine;

import io.kindling.postinstall.ssh.LineSink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads what a task's items say: `KINDLING-RUN id`, `KINDLING-STATE n word text`,
/// `KINDLING-PRESENT n base64`, `KINDLING-ERROR id text`; everything else is for the log.
/// Thread-safe.
final class TaskOutput implements LineSink {

  private static final int LAST = 8;
  private static final int MOST_PRESENT = 100_000;

  private final Consumer<String> log;
  private final Secrets secrets;
  private final Map<Integer, State> states = new TreeMap<>();
  private final Map<Integer, StringBuilder> present = new TreeMap<>();
  private final ArrayDeque<String> last = new ArrayDeque<>();
  private String run = "";
  private int lines;
  private @Nullable Named error;

  /// @param word ok, differs, waits, changed, failed
  record State(int item, String word, String text) {}

  record Named(String id, String text) {}

  TaskOutput(Consumer<String> log, Secrets secrets) {
    this.log = log;
    this.secrets = secrets;
  }

  @Override
  public synchronized void line(String raw) {
    if (raw.startsWith("KINDLING-RUN ")) {
      begin(raw.substring("KINDLING-RUN ".length()).strip());
      return;
    }
    lines++;
    String line = secrets.redact(raw);
    if (line.startsWith("KINDLING-STATE ")) {
      String[] words = line.split(" ", 4);
      int item = number(words);
      if (words.length == 4 && item >= 0) {
        states.put(item, new State(item, words[2], words[3].strip()));
      }
    } else if (line.startsWith("KINDLING-PRESENT ")) {
      String[] words = raw.split(" ", 3);
      int item = number(words);
      StringBuilder text = present.computeIfAbsent(item, i -> new StringBuilder());
      if (words.length == 3 && text.length() < MOST_PRESENT) {
        text.append(words[2].strip());
      }
    } else if (line.startsWith("KINDLING-ERROR ")) {
      String[] words = line.split(" ", 3);
      if (error == null) {
        error = new Named(words[1], words.length > 2 ? words[2].strip() : "");
      }
      log.accept(line.substring("KINDLING-".length()));
    } else {
      log.accept(line);
      if (!line.isBlank()) {
        if (last.size() == LAST) {
          last.removeFirst();
        }
        last.addLast(line.strip());
      }
    }
  }

  synchronized String run() {
    return run;
  }

  /// How many of the run's lines were seen.
  synchronized int lines() {
    return lines;
  }

  synchronized List<State> states() {
    return List.copyOf(states.values());
  }

  /// What an item's file holds now; empty where that is not known.
  synchronized String present(int item) {
    StringBuilder text = present.get(item);
    try {
      return text == null
          ? ""
          : secrets.redact(
              new String(Base64.getDecoder().decode(text.toString()), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return ""; // cut in the middle of a group
    }
  }

  /// The error that a command named, null where none did.
  synchronized @Nullable Named error() {
    return error;
  }

  /// The last lines, oldest first.
  synchronized List<String> last() {
    return new ArrayList<>(last);
  }

  private void begin(String id) {
    if (!id.equals(run)) {
      run = id;
      lines = 0;
      error = null;
      states.clear();
      present.clear();
      last.clear();
    }
  }

  private static int number(String[] words) {
    try {
      return words.length > 1 ? Integer.parseInt(words[1]) : -1;
    } catch (NumberFormatException e) {
      return -1; // not one of ours after all
    }
  }
}
