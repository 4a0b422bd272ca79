package io.kindling.appliance.api;

import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/// The operators' API described in OpenAPI 3.1, written by hand; a test compares it with the
/// routing table. Thread-safe.
public final class ApiDescription {
  private final byte[] text;

  public ApiDescription() {
    try (InputStream in = ApiDescription.class.getResourceAsStream("openapi.yaml")) {
      if (in == null) {
        throw new IllegalStateException("openapi.yaml is not in the build");
      }
      text = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on(
        "GET",
        "/api/v1/openapi.yaml",
        Access.ANYBODY,
        exchange -> {
          exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/yaml");
          exchange.getResponseHeaders().put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff");
          exchange.getResponseSender().send(ByteBuffer.wrap(text));
        });
  }
}
