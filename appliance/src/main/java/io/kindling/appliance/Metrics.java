package io.kindling.appliance;

import io.kindling.inventory.NodeState;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The appliance's state for Prometheus (text format 0.0.4).
final class Metrics {
  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private Metrics() {}

  static String text(Status.View status) {
    var page = new Page();
    page.gauge("info", "The appliance's version");
    page.value("info", "version", status.version(), 1);
    page.gauge("uptime_seconds", "Time since the start", status.uptimeSeconds());
    page.gauge("start_seconds", "From the process's begin to ready", status.startMillis() / 1000.0);
    page.gauge("resident_bytes", "The process's memory", status.memory().residentBytes());
    page.gauge("nodes", "Nodes by state");
    for (NodeState state : NodeState.values()) {
      if (state != NodeState.REMOVED) {
        int count = status.nodes().getOrDefault(state.label(), 0);
        page.value("nodes", "state", state.label(), count);
      }
    }
    page.gauge("boots", "Machines whose boot came so far");
    status.boots().forEach((stage, count) -> page.value("boots", "stage", stage, count));
    page.gauge("boots_stalled", "Machines whose boot stopped", status.stalledBoots().size());
    page.gauge("installations", "Installations under way", status.installing());
    page.gauge("images_missing", "Images not built yet", status.missingImages().size());
    var dhcp = status.dhcp();
    page.gauge("dhcp_silent", "1 where no machine is answered", dhcp.silence().isEmpty() ? 0 : 1);
    page.gauge(
        "dhcp_other_servers", "Other DHCP servers heard of late", dhcp.otherServers().size());
    var network = status.network();
    page.gauge("dhcp_leases", "Leases that have not expired", network.activeLeases());
    page.gauge("dhcp_pool_addresses", "Addresses that may be lent", network.poolSize());
    page.gauge("tftp_transfers", "TFTP transfers under way", network.activeTransfers());
    page.head("network_total", "What was received, sent and dropped since the start", "counter");
    Map<String, Long> counts = new TreeMap<>();
    network.counts().forEach((what, n) -> counts.put(what.name().toLowerCase(Locale.ROOT), n));
    counts.forEach((what, n) -> page.value("network_total", "what", what, n));
    return page.text.toString();
  }

  private static final class Page {
    private final StringBuilder text = new StringBuilder();

    void head(String name, String help, String type) {
      text.append(
          "# HELP kindling_%s %s%n# TYPE kindling_%s %s%n".formatted(name, help, name, type));
    }

    void gauge(String name, String help) {
      head(name, help, "gauge");
    }

    void gauge(String name, String help, double value) {
      gauge(name, help);
      text.append("kindling_%s %s%n".formatted(name, number(value)));
    }

    /// @param word no quotes, backslashes or line breaks: ours
    void value(String name, String label, String word, double value) {
      text.append("kindling_%s{%s=\"%s\"} %s%n".formatted(name, label, word, number(value)));
    }

    private static String number(double value) {
      return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
  }
}
