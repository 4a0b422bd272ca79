package io.kindling.tests.rack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs the host's tools to their end.
public final class Commands {

  private Commands() {}

  /// What a command printed (standard output and error together) and how it ended.
  public record Result(int status, String output) {
    public boolean ok() {
      return status == 0;
    }
  }

  /// Runs the command and returns its output; a status other than 0 is a [RackException].
  public static String run(String... command) {
    Result result = attempt(Duration.ofMinutes(2), List.of(command));
    if (!result.ok()) {
      throw new RackException(
          RackError.COMMAND_FAILED,
          String.join(" ", command) + " → " + result.status() + ": " + result.output().strip());
    }
    return result.output();
  }

  /// Runs the command, ending it at the limit (status 124).
  public static Result attempt(Duration limit, List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .start();
      var output = new java.io.ByteArrayOutputStream();
      Thread reader =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  process.getInputStream().transferTo(output);
                } catch (IOException ended) {
                  // The process was killed at the limit: what it printed until then stands.
                }
              });
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        return new Result(124, output.toString(StandardCharsets.UTF_8));
      }
      reader.join();
      return new Result(process.exitValue(), output.toString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RackException(RackError.INTERRUPTED, String.join(" ", command));
    }
  }
}
