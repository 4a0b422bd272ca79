package io.kindling.appliance.console.internal;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// A deployment and a check for the templates: every key is there. Pure.
public final class DeploymentViews {
  private DeploymentViews() {}

  /// @param deployment as the API shows it
  public static Map<String, Object> of(Map<String, Object> deployment) {
    var view = new LinkedHashMap<String, Object>();
    OptionalLong left = Values.number(deployment, "remainingSeconds");
    List<Map<String, Object>> nodes =
        Values.maps(deployment, "nodes").stream().map(DeploymentViews::node).toList();
    view.put("running", Values.flag(deployment, "running"));
    view.put("percent", Values.number(deployment, "percent").orElse(0));
    view.put("left", left.isPresent() ? Words.duration(Duration.ofSeconds(left.getAsLong())) : "");
    view.put("installing", nodes.stream().anyMatch(DeploymentViews::installing));
    view.put(
        "phases", Values.maps(deployment, "phases").stream().map(DeploymentViews::phase).toList());
    view.put("nodes", nodes);
    boolean running = Values.flag(deployment, "running");
    List<Map<String, Object>> failed =
        nodes.stream().filter(n -> Values.flag(n, "failed")).toList();
    List<Map<String, Object>> paused =
        nodes.stream().filter(n -> Values.flag(n, "paused")).toList();
    boolean complete =
        !nodes.isEmpty()
            && nodes.stream().allMatch(n -> Values.number(n, "percent").orElse(0) == 100);
    view.put("failed", failed);
    view.put("paused", paused);
    view.put("leftOut", nodes.stream().filter(n -> Values.flag(n, "leftOut")).toList());
    view.put("resumable", !failed.isEmpty() || !paused.isEmpty());
    view.put("complete", complete);
    view.put(
        "headline",
        running
            ? "Under way"
            : !paused.isEmpty()
                ? "Stopped on request"
                : !failed.isEmpty() ? "Stopped" : complete ? "Deployed" : "Not running");
    return view;
  }

  private static boolean installing(Map<String, Object> node) {
    return Values.text(node, "state").equals("provisioning");
  }

  private static Map<String, Object> node(Map<String, Object> node) {
    String name = Values.text(node, "name");
    String state = Values.text(node, "state");
    var view = new LinkedHashMap<String, Object>();
    view.put("id", Values.text(node, "id"));
    view.put("name", name);
    view.put("key", URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20"));
    view.put("state", state);
    view.put("percent", Values.number(node, "percent").orElse(0));
    view.put("stage", Values.text(node, "stage"));
    view.put("reason", Values.text(node, "reason"));
    view.put("cure", Values.text(node, "cure"));
    view.put("phase", Values.flag(node, "phase"));
    view.put("paused", Values.flag(node, "paused"));
    view.put("leftOut", Values.flag(node, "leftOut"));
    view.put(
        "failed",
        state.equals("error") && !Values.flag(node, "paused") && !Values.flag(node, "leftOut"));
    return view;
  }

  private static Map<String, Object> phase(Map<String, Object> phase) {
    var view = new LinkedHashMap<String, Object>();
    long done = Values.number(phase, "done").orElse(0);
    long of = Values.number(phase, "of").orElse(0);
    view.put("phase", Values.text(phase, "phase"));
    view.put("state", Values.text(phase, "state"));
    view.put("text", Values.text(phase, "text"));
    view.put("done", done);
    view.put("of", of);
    view.put("percent", of == 0 ? 0 : done * 100 / of);
    view.put("tasks", Values.maps(phase, "tasks").stream().map(DeploymentViews::task).toList());
    return view;
  }

  private static Map<String, Object> task(Map<String, Object> task) {
    List<Map<String, Object>> hosts = Values.maps(task, "hosts");
    String name = Values.text(task, "task");
    String title = Values.text(task, "title");
    return Map.of(
        "task", name,
        "title", title.equals(name) ? "" : title,
        "state", Values.text(task, "state"),
        "after", String.join(", ", Values.texts(task, "after")),
        "done", hosts.stream().filter(h -> Values.text(h, "state").equals("done")).count(),
        "of", hosts.size(),
        "failed",
            hosts.stream()
                .filter(h -> Values.text(h, "state").equals("failed"))
                .map(
                    h -> Map.of("node", Values.text(h, "node"), "detail", Values.text(h, "detail")))
                .toList());
  }

  /// @param operation as the API shows it; empty where there was none
  public static Map<String, Object> operation(Map<String, Object> operation) {
    String state = Values.text(operation, "state");
    return Map.of(
        "title", Values.text(operation, "title"),
        "state", List.of("running", "done", "failed").contains(state) ? state : "waiting",
        "reason", Values.text(operation, "reason"));
  }

  /// @param looked as the API shows it; empty where nothing was checked
  public static Map<String, Object> check(Map<String, Object> looked, Instant now) {
    var groups = new LinkedHashMap<String, List<Map<String, Object>>>();
    for (Map<String, Object> row : Values.maps(looked, "rows")) {
      Map<String, Object> finding = Values.map(row, "finding");
      var line = new LinkedHashMap<String, Object>();
      line.put("check", Values.text(row, "check"));
      for (String key : List.of("subject", "expected", "actual")) {
        line.put(key, Values.text(row, key));
      }
      Object seconds = row.get("seconds");
      line.put("seconds", seconds == null ? "" : seconds + " s");
      line.put("good", finding.isEmpty());
      for (String key : List.of("error", "summary", "seen", "cure")) {
        line.put(key, Values.text(finding, key));
      }
      groups.computeIfAbsent(Values.text(row, "check"), c -> new ArrayList<>()).add(line);
    }
    var views = new ArrayList<Map<String, Object>>();
    groups.forEach((check, rows) -> {
      long good = rows.stream().filter(r -> Values.flag(r, "good")).count();
      views.add(
          Map.of(
              "check",
              check,
              "rows",
              rows,
              "good",
              good,
              "of",
              rows.size(),
              "well",
              good == rows.size()));
    });
    var view = new LinkedHashMap<String, Object>();
    view.put("ceph", ceph(groups));
    view.put("there", !looked.isEmpty());
    view.put("well", Values.flag(looked, "good"));
    view.put("at", Values.text(looked, "at"));
    view.put("ago", Words.ago(Values.instant(looked, "at"), now));
    view.put("groups", views);
    view.put(
        "findings",
        groups.values().stream()
            .flatMap(List::stream)
            .filter(r -> !Values.flag(r, "good"))
            .toList());
    return view;
  }

  /// What Ceph says of itself, in a line; empty where it was not asked.
  private static String ceph(Map<String, List<Map<String, Object>>> groups) {
    List<Map<String, Object>> health = groups.getOrDefault("health", List.of());
    if (health.isEmpty()) {
      return "";
    }
    var words = new ArrayList<String>();
    health.stream()
        .filter(r -> !Values.flag(r, "good"))
        .forEach(r -> words.add(Values.text(r, "subject") + ": " + Values.text(r, "actual")));
    if (words.isEmpty()) {
      words.add("HEALTH_OK");
    }
    count(groups.getOrDefault("quorum", List.of()), "", "monitors in quorum", words);
    count(groups.getOrDefault("osds", List.of()), "osd.", "OSDs up, in and in their place", words);
    return String.join("; ", words);
  }

  /// @param subject how the name of what is counted begins
  private static void count(
      List<Map<String, Object>> looked, String subject, String what, List<String> words) {
    List<Map<String, Object>> rows =
        looked.stream().filter(r -> Values.text(r, "subject").startsWith(subject)).toList();
    if (!rows.isEmpty()) {
      long good = rows.stream().filter(r -> Values.flag(r, "good")).count();
      words.add("%d of %d %s".formatted(good, rows.size(), what));
    }
  }
}
