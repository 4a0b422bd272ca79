package io.kindling.appliance.power;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs a program to its end. Thread-safe.
@FunctionalInterface
interface Program {
  /// More of what it prints is not kept.
  int MOST = 1 << 16;

  /// How it ended.
  ///
  /// @param status its exit status; -1 where it was ended at the limit
  record Ended(int status, String out, String err) {}

  /// @param environment beside its own; secrets go here, never among the arguments
  /// @throws IOException where it cannot be started
  Ended run(List<String> command, Map<String, String> environment, Duration limit)
      throws IOException, InterruptedException;

  /// The operating system's.
  static Ended start(List<String> command, Map<String, String> environment, Duration limit)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile());
    builder.environment().putAll(environment);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    var out = new Reading(process.getInputStream());
    var err = new Reading(process.getErrorStream());
    try {
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      return new Ended(ended ? process.exitValue() : -1, out.text(), err.text());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /// Reads a stream to its end beside others, so that none fills up.
  final class Reading {
    private final Thread thread;
    private volatile String text = "";

    Reading(InputStream stream) {
      thread =
          Thread.ofVirtual()
              .start(() -> {
                try (stream) {
                  text = new String(stream.readNBytes(MOST), StandardCharsets.UTF_8);
                  stream.transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                  // It was ended at the limit; what was read stands.
                }
              });
    }

    String text() throws InterruptedException {
      thread.join();
      return text;
    }
  }
}
