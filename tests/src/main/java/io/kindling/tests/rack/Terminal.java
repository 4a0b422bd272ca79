package io.kindling.tests.rack;

import java.io.PrintStream;

/// Progress on the terminal: one line a happening, with the time since the start. Thread-safe.
public final class Terminal {

  private final PrintStream out;
  private final long begin = System.nanoTime();

  public Terminal(PrintStream out) {
    this.out = out;
  }

  /// Prints the line; characters that could steer a terminal are made visible.
  public synchronized void say(String line) {
    long seconds = (System.nanoTime() - begin) / 1_000_000_000;
    out.printf("%3d:%02d  %s%n", seconds / 60, seconds % 60, harmless(line));
    out.flush();
  }

  /// Prints text as it is, without the time.
  public synchronized void plain(String text) {
    out.println(text);
    out.flush();
  }

  /// Whole seconds since the start.
  public long seconds() {
    return (System.nanoTime() - begin) / 1_000_000_000;
  }

  private static String harmless(String text) {
    var safe = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (Character.isISOControl(c)) {
            safe.append(String.format("\\x%02x", c));
          } else {
            safe.appendCodePoint(c);
          }
        });
    return safe.toString();
  }
}
