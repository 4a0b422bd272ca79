package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.boot.StageBoard;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.appliance.power.PowerBook;
import io.kindling.appliance.power.PowerException;
import io.kindling.appliance.power.Restarts;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.Presence;
import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.DiskPlan;
import io.kindling.postinstall.Progress;
import io.kindling.pxe.HardwareAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Nodes as the API and the console show them: the stored node and what is known of it live.
/// Thread-safe.
///
/// A view is a map of strings, numbers, booleans, lists, maps and instants, so that JSON and
/// templates show the same thing. Keys may hold null.
public final class NodeViews {
  private final Presence presence;
  private final StageBoard stages;
  private final Deployer deployer;
  private final InstallPlans plans;
  private final PowerBook power;
  private final Restarts restarts;

  public NodeViews(
      Presence presence,
      StageBoard stages,
      Deployer deployer,
      InstallPlans plans,
      PowerBook power,
      Restarts restarts) {
    this.presence = presence;
    this.stages = stages;
    this.deployer = deployer;
    this.plans = plans;
    this.power = power;
    this.restarts = restarts;
  }

  Presence presence() {
    return presence;
  }

  /// What lists show of the node: from memory alone, no layout is computed.
  ///
  /// @param hints in what it differs from its siblings
  public Map<String, Object> row(Node node, List<String> hints) {
    Assignment a = node.assignment();
    var view = new Fields();
    view.put("id", node.id().toString());
    view.put("name", node.name());
    view.put("state", node.state().label());
    view.put("stage", node.stage());
    view.put("reason", node.reason());
    view.put("labels", node.labels().stream().sorted().toList());
    view.put("roles", roles(a));
    view.put("bootMac", node.bootMac());
    view.put("addresses", a == null ? Map.of() : new TreeMap<>(a.addresses()));
    view.put("progress", deployer.progress(node.id()).map(NodeViews::progress).orElse(null));
    view.put("waiting", waiting(node));
    view.put("present", presence.isPresent(node.id()));
    view.put("lastSeen", presence.lastSeen(node.id()).orElse(null));
    view.put("discovered", node.discovered());
    view.put("version", node.version());
    view.put("summary", HardwareViews.summary(node, hints));
    return view.map();
  }

  private static List<String> roles(@Nullable Assignment assignment) {
    return assignment == null
        ? List.of()
        : assignment.roles().stream().map(Role::label).sorted().toList();
  }

  private @Nullable Map<String, Object> waiting(Node node) {
    return restarts
        .waiting(node.id())
        .map(w -> new Fields().put("since", w.since()).put("text", w.text()).map())
        .orElse(null);
  }

  /// The node as of now.
  public Map<String, Object> of(Node node) {
    return of(node, List.of());
  }

  /// The node as of now.
  ///
  /// @param hints in what it differs from its siblings
  public Map<String, Object> of(Node node, List<String> hints) {
    Assignment a = node.assignment();
    var view = new Fields();
    view.put("id", node.id().toString());
    view.put("name", node.name());
    view.put("state", node.state().label());
    view.put("stage", node.stage());
    view.put("reason", node.reason());
    view.put("labels", node.labels().stream().sorted().toList());
    view.put("roles", roles(a));
    view.put("attempt", a == null ? 0 : a.attempt());
    view.put("machineId", node.machineId());
    view.put("macs", node.macs().stream().sorted().toList());
    view.put("bootMac", node.bootMac());
    facts(view, node);
    view.put("addresses", a == null ? Map.of() : new TreeMap<>(a.addresses()));
    view.put("onDisk", a != null && a.onDisk());
    view.put("hostKey", a == null ? null : a.hostKey());
    view.put(
        "boot",
        Optional.ofNullable(node.bootMac())
            .flatMap(HardwareAddress::parse)
            .flatMap(stages::of)
            .map(this::boot)
            .orElse(null));
    view.put("progress", deployer.progress(node.id()).map(NodeViews::progress).orElse(null));
    view.put("power", power(node));
    view.put("waiting", waiting(node));
    view.put("present", presence.isPresent(node.id()));
    view.put("lastSeen", presence.lastSeen(node.id()).orElse(null));
    view.put("discovered", node.discovered());
    view.put("reported", node.reported());
    view.put("version", node.version());
    view.put("summary", HardwareViews.summary(node, hints));
    return view.map();
  }

  private @Nullable Map<String, Object> power(Node node) {
    try {
      return power.of(node).map(NodeViews::access).orElse(null);
    } catch (PowerException e) {
      return new Fields().put("error", e.error().id() + " " + e.detail()).map();
    } catch (ApplianceException e) { // sealed with another key: the list must still be seen
      return new Fields().put("error", e.error().id() + " " + e.detail()).map();
    }
  }

  /// Never the password.
  static Map<String, Object> access(PowerBook.Found found) {
    return new Fields()
        .put("kind", found.access().kind().label())
        .put("address", found.access().address())
        .put("user", found.access().user())
        .put("system", found.access().system())
        .put("fingerprint", found.access().fingerprint())
        .put("from", found.from())
        .map();
  }

  private Map<String, Object> boot(StageBoard.Boot boot) {
    return step(boot.last())
        .put("stages", boot.steps().stream().map(s -> step(s).map()).toList())
        .put("missing", stages.missing(boot.mac()).orElse(null))
        .map();
  }

  private static Fields step(StageBoard.Step step) {
    return new Fields()
        .put("stage", step.stage().label())
        .put("at", step.at())
        .put("detail", step.detail());
  }

  private static Map<String, Object> progress(Progress progress) {
    return new Fields()
        .put("task", progress.task())
        .put("number", progress.number())
        .put("of", progress.of())
        .put("percent", progress.percent())
        .map();
  }

  private void facts(Fields view, Node node) {
    Facts facts = node.facts();
    view.put("uuid", facts == null ? null : facts.system().uuid());
    view.put("vendor", facts == null ? null : facts.system().vendor());
    view.put("product", facts == null ? null : facts.system().product());
    view.put("serial", facts == null ? null : facts.system().serial());
    view.put(
        "firmware",
        facts == null ? null : facts.agent().firmware().name().toLowerCase(Locale.ROOT));
    view.put("secureBoot", facts != null && facts.agent().secureBoot());
    view.put(
        "cpu",
        facts == null
            ? null
            : new Fields()
                .put("model", facts.cpu().model())
                .put("sockets", facts.cpu().sockets())
                .put("threads", facts.cpu().threads())
                .map());
    view.put("memoryBytes", facts == null ? 0L : facts.memoryBytes());
    Map<String, DiskPlan.PlannedDisk> planned = planned(node);
    view.put(
        "disks",
        facts == null
            ? List.of()
            : facts.disks().stream().map(d -> disk(d, planned.get(d.id()))).toList());
    view.put(
        "nics",
        facts == null
            ? List.of()
            : facts.nics().stream()
                .map(n ->
                    new Fields()
                        .put("name", n.name())
                        .put("mac", n.permanentMac())
                        .put("linkUp", n.linkUp())
                        .put("addresses", n.addresses())
                        .put("pci", n.pci())
                        .put("speedMbps", n.speedMbps())
                        .put("neighbour", neighbour(n.neighbour()))
                        .map())
                .toList());
  }

  private static @Nullable String neighbour(Facts.@Nullable Neighbour far) {
    return far == null ? null : far.port() == null ? far.system() : far.system() + " " + far.port();
  }

  private Map<String, DiskPlan.PlannedDisk> planned(Node node) {
    var byId = new LinkedHashMap<String, DiskPlan.PlannedDisk>();
    if (node.assignment() != null && node.facts() != null) {
      try {
        plans.disks(node).disks().forEach(d -> byId.put(d.id(), d));
      } catch (ApplianceException diskGone) {
        return byId; // one machine that lost a disk must not hide the others; its plan says why
      }
    }
    return byId;
  }

  private static Map<String, Object> disk(Facts.Disk disk, DiskPlan.@Nullable PlannedDisk planned) {
    var parts = new ArrayList<Map<String, Object>>();
    if (planned != null) {
      for (DiskPlan.PlannedPartition p : planned.partitions()) {
        parts.add(
            new Fields()
                .put("label", p.label())
                .put("use", p.use().name().toLowerCase(Locale.ROOT))
                .put("sizeMib", p.sizeMib())
                .put("kept", p.keep())
                .map());
      }
    }
    return new Fields()
        .put("id", disk.id())
        .put("name", disk.name())
        .put("model", disk.model())
        .put("serial", disk.serial())
        .put("media", disk.media().name().toLowerCase(Locale.ROOT))
        .put("bus", disk.bus())
        .put("sizeBytes", disk.sizeBytes())
        .put("readOnly", disk.readOnly())
        .put(
            "contents",
            disk.contents().stream()
                .map(c ->
                    new Fields()
                        .put("name", c.name())
                        .put("type", c.type())
                        .put("sizeBytes", c.sizeBytes())
                        .put("partitionType", c.partitionType())
                        .put("partitionLabel", c.partitionLabel())
                        .put("fileSystem", c.fileSystem())
                        .map())
                .toList())
        .put("planned", parts)
        .map();
  }
}
