package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.backup.Backup;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Problem;
import io.kindling.inventory.EventStore;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The operators' API for the appliance's backup. The passphrase is in no answer, log or audit.
/// Thread-safe.
public final class BackupApi {
  private final Backup backup;
  private final EventStore events;

  public BackupApi(Backup backup, EventStore events) {
    this.backup = backup;
    this.events = events;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("POST", "/api/v1/backup", Access.ADMIN, this::make);
  }

  /// `{"passphrase": …}`. The file is whole before its first byte leaves.
  private void make(HttpServerExchange exchange) throws IOException {
    JsonNode body = Requests.json(exchange);
    Requests.only(body, Set.of("passphrase"));
    if (!body.path("passphrase").isString()) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, "`passphrase` is missing, or no text");
    }
    backup.make(
        body.path("passphrase").asString(),
        file -> {
          long size = Files.size(file);
          events.append(
              null, "backup-made", null, "a backup of %,d bytes was made".formatted(size));
          exchange.setResponseContentLength(size);
          exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/octet-stream");
          exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
          exchange
              .getResponseHeaders()
              .put(Headers.CONTENT_DISPOSITION, "attachment; filename=\"kindling.backup\"");
          if (!exchange.isBlocking()) {
            exchange.startBlocking();
          }
          try (var out = exchange.getOutputStream()) {
            Files.copy(file, out);
          }
          exchange.endExchange(); // of the request, too: who reads to the connection's end waits
        });
  }
}
