package io.kindling.isobuild.internal;

import io.kindling.isobuild.IsoBuildException;
import io.kindling.isobuild.IsoError;
import io.kindling.isobuild.Progress;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Runs a build script: progress to the listener, the rest to a log, its failure as a named error.
final class Script {

  private static final Pattern PROGRESS = Pattern.compile("kindling-progress: (\\d+)/(\\d+) (.*)");

  /// What stands in the message of a failure.
  private static final int LAST_LINES = 12;

  private static final Pattern UNREACHABLE =
      Pattern.compile(
          "(?i)could not resolve|temporary failure resolving|unable to connect|failed to"
              + " fetch|connection refused|connection timed out|could not connect|does not have a"
              + " release file");

  private Script() {}

  static void run(
      Recipe recipe, Path scripts, Map<String, String> environment, Path log, Progress progress)
      throws IOException {
    var builder =
        new ProcessBuilder(
                List.of(
                    "bash",
                    scripts.resolve("run.sh").toString(),
                    scripts.resolve(recipe.script()).toString()))
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile());
    builder.environment().putAll(environment);
    // Debian's tools are in the sbin directories too, which an ordinary user's PATH may lack.
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    Process process = builder.start();
    var last = new ArrayDeque<String>();
    Thread reader = Thread.ofVirtual().start(() -> read(process, recipe, log, progress, last));
    try {
      int status = process.waitFor();
      reader.join();
      if (status != 0) {
        throw failure(recipe, environment, status, last, log);
      }
    } catch (InterruptedException e) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IsoBuildException(IsoError.INTERRUPTED, recipe.artefact().id(), e);
    }
  }

  private static void read(
      Process process, Recipe recipe, Path log, Progress progress, Deque<String> last) {
    // What a tool prints need not be UTF-8; replaced, not refused.
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        BufferedWriter file = Files.newBufferedWriter(log)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        file.write(line);
        file.newLine();
        file.flush();
        Matcher step = PROGRESS.matcher(line);
        if (step.matches()) {
          progress.step(
              recipe.artefact(),
              Integer.parseInt(step.group(1)),
              Integer.parseInt(step.group(2)),
              step.group(3));
        } else if (!line.isBlank()) {
          last.addLast(line);
          if (last.size() > LAST_LINES) {
            last.removeFirst();
          }
        }
      }
    } catch (IOException e) {
      // The log cannot be written, or the process was killed; its status is what counts.
      last.addLast("log " + log + ": " + e);
    }
  }

  private static IsoBuildException failure(
      Recipe recipe, Map<String, String> environment, int status, Deque<String> last, Path log) {
    String tail = String.join("\n", last);
    IsoError error =
        tail.contains("No space left on device")
            ? IsoError.NO_SPACE
            : UNREACHABLE.matcher(tail).find()
                ? IsoError.MIRROR_UNREACHABLE
                : IsoError.BUILD_FAILED;
    String mirror =
        error == IsoError.MIRROR_UNREACHABLE
            ? " from " + Optional.ofNullable(environment.get("MIRROR")).orElse("")
            : "";
    return new IsoBuildException(
        error,
        recipe.artefact().id()
            + mirror
            + ", status "
            + status
            + ", log "
            + log
            + "\n"
            + tail
            + "\n");
  }
}
