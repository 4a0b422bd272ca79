package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// An S3 client in the rack's network: requests are signed here (AWS signature version 4, as curl
/// does it differently from version to version) and sent by curl.
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
      byte[] content = body == null ? new byte[0] : body;
      var curl =
          new ArrayList<>(
              List.of("curl", "--silent", "--show-error", "--fail", "--max-time", "30"));
      curl.addAll(List.of("--request", method, "--output", answer().toString()));
      for (String header : signed(method, path, content)) {
        curl.addAll(List.of("--header", header));
      }
      if (body != null) {
        Path sent = Files.write(folder.resolve("s3.sent"), content);
        curl.addAll(List.of("--header", "Expect:", "--data-binary", "@" + sent));
      } else if (method.equals("PUT")) {
        curl.addAll(List.of("--header", "Content-Length: 0"));
      }
      curl.add("http://" + address + path);
      Files.write(answer(), new byte[0]);
      return Commands.attempt(LIMIT, network.in(curl.toArray(String[]::new)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The headers that sign a request without query.
  private List<String> signed(String method, String path, byte[] content) {
    String time =
        DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
            .withZone(ZoneOffset.UTC)
            .format(Instant.now());
    String scope = time.substring(0, 8) + "/default/s3/aws4_request";
    String hash = hex(sha256(content));
    String names = "host;x-amz-content-sha256;x-amz-date";
    String canonical =
        String.join(
            "\n",
            method,
            path,
            "",
            "host:" + address,
            "x-amz-content-sha256:" + hash,
            "x-amz-date:" + time,
            "",
            names,
            hash);
    String text = String.join("\n", "AWS4-HMAC-SHA256", time, scope, hex(sha256(bytes(canonical))));
    byte[] key = bytes("AWS4" + secret);
    for (String part : scope.split("/")) {
      key = hmac(key, part);
    }
    return List.of(
        "x-amz-date: " + time,
        "x-amz-content-sha256: " + hash,
        "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            .formatted(access, scope, names, hex(hmac(key, text))));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
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
