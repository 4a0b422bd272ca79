package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An S3 client in the rack's network: curl, which signs requests itself (AWS signature 4).
///
/// @param folder for bodies
/// @param address `host:port`
record S3(Network network, Path folder, String address, String access, String secret) {

  private static final Duration LIMIT = Duration.ofSeconds(40);

  /// The same with another secret key.
  S3 with(String otherSecret) {
    return new S3(network, folder, address, access, otherSecret);
  }

  /// @param body what is sent; null where nothing is
  /// @return what curl said of it; the answer's body is in [#answer]
  Commands.Result request(String method, String path, byte @Nullable [] body) {
    try {
      // The key stands in a file, as nobody should see it in a list of processes.
      Path credentials =
          Files.writeString(
              folder.resolve("s3.curl"), "user = \"" + access + ":" + secret + "\"\n");
      var curl =
          new ArrayList<>(
              List.of(
                  "curl", "--silent", "--show-error", "--fail", "--max-time", "30", "--config"));
      curl.addAll(List.of(credentials.toString(), "--aws-sigv4", "aws:amz:default:s3"));
      curl.addAll(List.of("--request", method, "--output", answer().toString()));
      if (body != null) {
        Path sent = Files.write(folder.resolve("s3.sent"), body);
        curl.addAll(List.of("--upload-file", sent.toString()));
      }
      curl.add("http://" + address + path);
      Files.write(answer(), new byte[0]);
      return Commands.attempt(LIMIT, network.in(curl.toArray(String[]::new)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A request that must succeed; its answer.
  byte[] must(String method, String path, byte @Nullable [] body) {
    Commands.Result result = request(method, path, body);
    assertThat(result.ok()).as("%s %s: %s", method, path, result.output()).isTrue();
    try {
      return Files.readAllBytes(answer());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path answer() {
    return folder.resolve("s3.answer");
  }
}
