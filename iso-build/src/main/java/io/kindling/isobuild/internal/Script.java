package io.kindling.isobuild.internal;

import io.kindling.isobuild.IsoBuildException;
import io.kindling.isobuild.IsoError;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Runs a build script: progress to the listener, the rest to a log, its failure as a named error.
public final class Script {

  private static final Pattern PROGRESS = Pattern.compile("kindling-progress: (\\d+)/(\\d+) (.*)");

  /// What stands in the message of a failure: apt takes 15 lines to tell of one wrong hash.
  private static final int LAST_LINES = 20;

  private static final Pattern NO_SPACE =
      Pattern.compile("No space left on device|You don't have enough free space");

  private static final Pattern MISMATCH =
      Pattern.compile("Hash Sum mismatch|File has unexpected size");

  private static final Pattern UNVERIFIED =
      Pattern.compile(
          "NO_PUBKEY|is not signed|(?i)invalid signature|EXPKEYSIG|BADSIG|not verified|signatures"
              + " were invalid|couldn't be verified");

  private static final Pattern UNREACHABLE =
      Pattern.compile(
          "(?i)could not resolve|temporary failure resolving|unable to connect|failed to"
              + " fetch|connection refused|connection timed out|could not connect|does not have a"
              + " release file");

  private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwxr-xr-x");

  private Script() {}

  /// Hears of each step.
  @FunctionalInterface
  public interface Steps {
    void step(int step, int steps, String what);
  }

  /// @param name what is built, for messages
  public static void run(
      String name, List<String> command, Map<String, String> environment, Path log, Steps steps)
      throws IOException {
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile());
    builder.environment().putAll(environment);
    // Debian's tools are in the sbin directories too, which an ordinary user's PATH may lack.
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    Process process = builder.start();
    var last = new ArrayDeque<String>();
    Thread reader = Thread.ofVirtual().start(() -> read(process, log, steps, last));
    try {
      int status = process.waitFor();
      reader.join();
      if (status != 0) {
        throw failure(name, environment, status, last, log);
      }
    } catch (InterruptedException e) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IsoBuildException(IsoError.INTERRUPTED, name, e);
    }
  }

  /// Writes a script and the files beside it, all of one mode whatever the umask: their folders'
  /// are those that the built system gets.
  ///
  /// @param files relative path → content
  public static void unpack(Map<String, byte[]> files, Path into) throws IOException {
    for (var file : files.entrySet()) {
      Path path = into.resolve(file.getKey());
      Files.createDirectories(path.resolveSibling("."));
      Files.write(path, file.getValue());
    }
    try (Stream<Path> all = Files.walk(into)) {
      for (Path path : all.toList()) {
        Files.setPosixFilePermissions(path, MODE);
      }
    }
  }

  /// Removes a tree; links are removed, not followed.
  public static void deleteTree(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private static void read(Process process, Path log, Steps steps, Deque<String> last) {
    // What a tool prints need not be UTF-8; replaced, not refused.
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        BufferedWriter file = Files.newBufferedWriter(log)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        file.write(line);
        file.newLine();
        file.flush();
        Matcher step = PROGRESS.matcher(line);
        if (step.matches()) {
          steps.step(
              Integer.parseInt(step.group(1)), Integer.parseInt(step.group(2)), step.group(3));
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
      String name, Map<String, String> environment, int status, Deque<String> last, Path log) {
    String tail = String.join("\n", last);
    IsoError error =
        NO_SPACE.matcher(tail).find()
            ? IsoError.NO_SPACE
            : MISMATCH.matcher(tail).find()
                ? IsoError.HASH_MISMATCH
                : UNVERIFIED.matcher(tail).find()
                    ? IsoError.UNVERIFIED
                    : UNREACHABLE.matcher(tail).find()
                        ? IsoError.MIRROR_UNREACHABLE
                        : IsoError.BUILD_FAILED;
    String mirror =
        error == IsoError.MIRROR_UNREACHABLE
            ? " from " + Optional.ofNullable(environment.get("MIRROR")).orElse("")
            : "";
    return new IsoBuildException(
        error, name + mirror + ", status " + status + ", log " + log + "\n" + tail + "\n");
  }
}
