package io.kindling.appliance.cli;

import static io.kindling.appliance.cli.NodeCommands.text;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// An event as one line for the operator.
final class EventLine {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

  private EventLine() {}

  static String of(JsonNode event) {
    Optional<Instant> at = NodeCommands.instant(event.path("at"));
    String node = text(event, "nodeName");
    if (node.isEmpty()) {
      node = text(event, "node");
    }
    String error = text(event, "error");
    return "%s  %-14s %s%s"
        .formatted(
            at.map(TIME::format).orElse("--:--:--"),
            node.isEmpty() ? "appliance" : node,
            error.isEmpty() ? "" : error + " ",
            text(event, "text"));
  }
}
