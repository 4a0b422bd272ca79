package io.kindling.appliance.support;

import io.kindling.appliance.http.Json;
import io.kindling.inventory.Event;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// A support bundle: status, cluster file, nodes with their facts, events, logs, and what hosts say
/// of themselves, as a tar file. Every text passes the [Redaction]. Thread-safe.
public final class Snapshot {

  /// Of a log the end is taken.
  static final int MOST_OF_A_LOG = 4 << 20;

  private static final int EVENTS_A_PAGE = 1000;

  private final Path logs;
  private final Clock clock;
  private final NodeStore nodes;
  private final EventStore events;
  private final Function<Node, Object> view;
  private final Supplier<Object> status;
  private final Supplier<String> cluster;
  private final Callable<Map<String, String>> hosts;
  private final Supplier<Stream<String>> secrets;

  /// @param logs the folder with the logs
  /// @param view a node as JSON
  /// @param status what the status is, as JSON
  /// @param cluster the cluster file, empty where none
  /// @param hosts what each host says, by its name
  /// @param secrets every secret the appliance knows
  public Snapshot(
      Path logs,
      Clock clock,
      NodeStore nodes,
      EventStore events,
      Function<Node, Object> view,
      Supplier<Object> status,
      Supplier<String> cluster,
      Callable<Map<String, String>> hosts,
      Supplier<Stream<String>> secrets) {
    this.logs = logs;
    this.clock = clock;
    this.nodes = nodes;
    this.events = events;
    this.view = view;
    this.status = status;
    this.cluster = cluster;
    this.hosts = hosts;
    this.secrets = secrets;
  }

  /// Writes the bundle as it gathers it.
  public void write(OutputStream out) throws Exception {
    var redaction = new Redaction(secrets.get());
    var tar = new TarStream(out, clock.instant());
    var bundle = new Bundle(tar, redaction);
    bundle.add("status.json", Json.pretty(status.get()));
    bundle.add("cluster.yaml", cluster.get());
    bundle.add("events.txt", eventText());
    for (Node node : nodes.all()) {
      bundle.add("nodes/" + node.name() + ".json", Json.pretty(view.apply(node)));
      var document = nodes.document(node.id());
      if (document.isPresent()) {
        bundle.add(
            "facts/" + node.name() + ".json", new String(document.get(), StandardCharsets.UTF_8));
      }
    }
    for (Path log : logFiles()) {
      bundle.add("log/" + logs.relativize(log), end(log));
    }
    for (Map.Entry<String, String> host : hosts.call().entrySet()) {
      bundle.add("hosts/" + host.getKey() + ".txt", host.getValue());
    }
    tar.end();
  }

  private record Bundle(TarStream tar, Redaction redaction) {
    void add(String name, String text) throws IOException {
      tar.add(name, redaction.of(text).getBytes(StandardCharsets.UTF_8));
    }
  }

  private String eventText() {
    var text = new StringBuilder();
    long last = 0;
    while (true) {
      List<Event> page = events.after(last, EVENTS_A_PAGE);
      if (page.isEmpty()) {
        return text.toString();
      }
      for (Event event : page) {
        text.append(event.at()).append(' ').append(event.kind()).append(' ').append(event.text());
        text.append('\n');
        last = event.sequence();
      }
    }
  }

  private List<Path> logFiles() throws IOException {
    if (!Files.isDirectory(logs)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(logs)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String end(Path log) throws IOException {
    try (var file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(0, file.length() - MOST_OF_A_LOG);
      file.seek(from);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
