package io.kindling.appliance.console;

import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.api.NodeViews;
import io.kindling.appliance.api.NodeViews.NodeView;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.inventory.Node;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Nodes as maps for the templates. Thread-safe.
final class NodeCards {
  private static final int KEPT_PLANS = 2_000;

  private final NodeViews views;
  private final InstallPlans plans;
  private final Map<UUID, Kept> kept = new ConcurrentHashMap<>();

  private record Kept(long version, Optional<DiskPlan> plan) {}

  NodeCards(NodeViews views, InstallPlans plans) {
    this.views = views;
    this.plans = plans;
  }

  Map<String, Object> card(Node node, Instant now) {
    NodeView v = views.of(node);
    Facts facts = node.facts();
    Map<String, Object> card = new LinkedHashMap<>();
    String path = URLEncoder.encode(v.name(), StandardCharsets.UTF_8).replace("+", "%20");
    card.put("name", v.name());
    card.put("href", "/nodes/" + path);
    card.put("fragment", "/fragments/nodes/" + path);
    card.put("log", "/api/v1/logs/" + path + "?follow&lines=500");
    card.put("state", v.state());
    card.put("css", "s-" + v.state());
    card.put("roles", String.join(" + ", v.roles()));
    card.put("labels", v.labels());
    card.put("presence", v.present() ? "here" : "away");
    card.put("seen", Words.ago(v.lastSeen(), now));
    card.put("model", facts == null ? "" : model(facts));
    card.put("cpu", facts == null ? "" : cpu(facts));
    card.put("memory", Words.memory(facts == null ? 0 : facts.memoryBytes()));
    card.put("firmware", facts == null ? "" : facts.agent().firmware().toString());
    card.put("address", v.addresses().getOrDefault("management", ""));
    card.put("reason", v.reason() == null ? "" : v.reason());
    doing(card, v);
    card.put("disks", facts == null ? List.of() : disks(facts, plan(node)));
    return card;
  }

  private static void doing(Map<String, Object> card, NodeView v) {
    card.put("task", "");
    card.put("done", 0);
    card.put("boot", "");
    NodeViews.ProgressView p = v.progress();
    if (p != null) {
      Integer percent = p.percent();
      card.put(
          "task",
          p.task()
              + " ("
              + p.number()
              + "/"
              + p.of()
              + ")"
              + (percent == null ? "" : " " + percent + " %"));
      double part = percent == null ? 0 : Math.clamp(percent / 100.0, 0, 1);
      card.put("done", Math.round((p.number() - 1 + part) * 1000 / Math.max(1, p.of())));
    } else if (v.state().equals("provisioning")) {
      card.put("task", v.stage() == null ? "waiting" : v.stage());
    } else if (v.boot() != null) {
      card.put("boot", "boot: " + v.boot().stage() + " (" + v.boot().detail() + ")");
    }
  }

  /// The frozen plan; expanding it again for each refresh would be waste.
  Optional<DiskPlan> plan(Node node) {
    if (node.assignment() == null) {
      return Optional.empty();
    }
    Kept before = kept.get(node.id());
    if (before != null && before.version() == node.version()) {
      return before.plan();
    }
    Optional<DiskPlan> plan;
    try {
      plan = Optional.of(plans.disks(node));
    } catch (ApplianceException e) {
      plan = Optional.empty(); // the page shows what is there instead
    }
    if (kept.size() > KEPT_PLANS) {
      kept.clear();
    }
    kept.put(node.id(), new Kept(node.version(), plan));
    return plan;
  }

  private static List<Map<String, Object>> disks(Facts facts, Optional<DiskPlan> plan) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Facts.Disk disk : facts.disks()) {
      Optional<PlannedDisk> planned =
          plan.flatMap(p -> p.disks().stream().filter(d -> d.id().equals(disk.id())).findFirst());
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("name", disk.name());
      row.put("id", disk.id());
      row.put("model", text(disk.model()));
      row.put("serial", text(disk.serial()));
      row.put("size", Words.diskSize(disk.sizeBytes()));
      row.put("media", disk.media().name().toLowerCase(Locale.ROOT));
      row.put("bus", disk.bus());
      row.put("present", present(disk));
      row.put("planned", planned.map(NodeCards::planned).orElse(""));
      row.put(
          "segments", planned.map(p -> plannedBars(disk, p)).orElseGet(() -> presentBars(disk)));
      row.put(
          "title",
          disk.name()
              + ", "
              + Words.diskSize(disk.sizeBytes())
              + ": "
              + planned.map(p -> "planned " + planned(p)).orElseGet(() -> present(disk)));
      rows.add(row);
    }
    return rows;
  }

  private static String present(Facts.Disk disk) {
    return disk.contents().isEmpty()
        ? "blank"
        : disk.contents().stream()
            .map(c -> c.partitionLabel() != null ? c.partitionLabel() : text(c.fileSystem()))
            .filter(t -> !t.isEmpty())
            .distinct()
            .collect(Collectors.joining(", "));
  }

  private static String planned(PlannedDisk disk) {
    return disk.partitions().stream()
        .map(
            p -> p.label().replaceFirst("^kindling-", "") + " " + Words.diskSize(p.sizeMib() << 20))
        .collect(Collectors.joining(", "));
  }

  private static List<Map<String, Object>> plannedBars(Facts.Disk disk, PlannedDisk planned) {
    List<Map<String, Object>> bars = new ArrayList<>();
    for (PlannedPartition p : planned.partitions()) {
      bars.add(
          bar(
              disk,
              p.startMib() << 20,
              p.sizeMib() << 20,
              css(p.use()),
              p.label() + " " + Words.diskSize(p.sizeMib() << 20)));
    }
    return bars;
  }

  private static String css(DiskPlan.Use use) {
    return switch (use) {
      case BIOS_BOOT, ESP -> "v-boot";
      case FILE_SYSTEM, SWAP, PHYSICAL_VOLUME -> "v-os";
      case CEPH_OSD -> "v-osd";
      case CEPH_JOURNAL -> "v-db";
      case OTHER -> "v-other";
    };
  }

  /// Partitions in order; where they begin is not told, so gaps are not shown.
  private static List<Map<String, Object>> presentBars(Facts.Disk disk) {
    List<Map<String, Object>> bars = new ArrayList<>();
    long at = 0;
    for (Facts.Content c : disk.contents()) {
      if (!c.type().equals("part") || at >= disk.sizeBytes()) {
        continue;
      }
      bars.add(
          bar(
              disk,
              at,
              c.sizeBytes(),
              "v-old",
              c.name() + " " + text(c.partitionLabel()) + " " + text(c.fileSystem())));
      at += Math.max(0, c.sizeBytes());
    }
    return bars;
  }

  private static Map<String, Object> bar(
      Facts.Disk disk, long start, long size, String css, String title) {
    double whole = Math.max(1, disk.sizeBytes());
    long x = Math.clamp(Math.round(start * 1000 / whole), 0, 1000);
    long w = Math.clamp(Math.round(size * 1000 / whole), 3, 1000);
    return Map.of("x", Math.min(x, 997), "w", w, "css", css, "title", title);
  }

  private static String model(Facts facts) {
    String text = (text(facts.system().vendor()) + " " + text(facts.system().product())).strip();
    return text.isEmpty() ? "unknown model" : text;
  }

  private static String cpu(Facts facts) {
    String model = facts.cpu().model();
    return facts.cpu().threads() + " × " + (model == null ? facts.cpu().architecture() : model);
  }

  static String text(@Nullable String text) {
    return text == null ? "" : text;
  }
}
