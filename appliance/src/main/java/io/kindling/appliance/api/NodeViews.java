package io.kindling.appliance.api;

import io.kindling.appliance.boot.StageBoard;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.Presence;
import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.postinstall.Progress;
import io.kindling.pxe.HardwareAddress;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Nodes as the API and the console show them: the stored node and what is known of it live.
/// Thread-safe.
public final class NodeViews {
  private final Presence presence;
  private final StageBoard stages;
  private final Deployer deployer;

  public NodeViews(Presence presence, StageBoard stages, Deployer deployer) {
    this.presence = presence;
    this.stages = stages;
    this.deployer = deployer;
  }

  /// @param stage what it is doing, or was doing when it failed
  /// @param bootStage how far its last boot came
  /// @param facts null where it never reported
  public record NodeView(
      String id,
      String name,
      String state,
      @Nullable String stage,
      @Nullable String reason,
      List<String> labels,
      List<String> roles,
      boolean present,
      @Nullable Instant lastSeen,
      @Nullable BootView boot,
      @Nullable ProgressView progress,
      int attempt,
      boolean onDisk,
      Map<String, String> addresses,
      @Nullable String hostKey,
      List<String> macs,
      @Nullable String bootMac,
      @Nullable FactsView facts,
      Instant discovered,
      Instant reported) {}

  public record BootView(String stage, Instant at, String detail) {}

  public record ProgressView(String task, int number, int of, @Nullable Integer percent) {}

  /// @param memoryBytes 0 where unknown
  public record FactsView(
      @Nullable String vendor,
      @Nullable String product,
      @Nullable String serial,
      @Nullable String uuid,
      String firmware,
      boolean secureBoot,
      @Nullable String cpu,
      String architecture,
      int sockets,
      int threads,
      long memoryBytes,
      List<DiskView> disks,
      List<NicView> nics) {}

  public record DiskView(
      String name,
      String id,
      @Nullable String model,
      @Nullable String serial,
      long sizeBytes,
      String media,
      String bus,
      List<PartView> parts) {}

  public record PartView(
      String name,
      String type,
      long sizeBytes,
      @Nullable String label,
      @Nullable String fileSystem) {}

  public record NicView(
      String name,
      String mac,
      boolean up,
      List<String> addresses,
      @Nullable String bus,
      boolean identifies) {}

  /// The node as of now.
  public NodeView of(Node node) {
    Assignment a = node.assignment();
    Optional<StageBoard.Reached> reached =
        Optional.ofNullable(node.bootMac()).flatMap(HardwareAddress::parse).flatMap(stages::of);
    Optional<Progress> progress = deployer.progress(node.id());
    return new NodeView(
        node.id().toString(),
        node.name(),
        node.state().label(),
        node.stage(),
        node.reason(),
        node.labels().stream().sorted().toList(),
        a == null ? List.of() : a.roles().stream().map(Role::label).sorted().toList(),
        presence.isPresent(node.id()),
        presence.lastSeen(node.id()).orElse(null),
        reached.map(r -> new BootView(r.stage().label(), r.at(), r.detail())).orElse(null),
        progress.map(p -> new ProgressView(p.task(), p.number(), p.of(), p.percent())).orElse(null),
        a == null ? 0 : a.attempt(),
        a != null && a.onDisk(),
        a == null ? Map.of() : new TreeMap<>(a.addresses()),
        a == null ? null : a.hostKey(),
        node.macs().stream().sorted().toList(),
        node.bootMac(),
        node.facts() == null ? null : facts(node.facts()),
        node.discovered(),
        node.reported());
  }

  private static FactsView facts(Facts facts) {
    return new FactsView(
        facts.system().vendor(),
        facts.system().product(),
        facts.system().serial(),
        facts.system().uuid(),
        facts.agent().firmware().name().toLowerCase(Locale.ROOT),
        facts.agent().secureBoot(),
        facts.cpu().model(),
        facts.cpu().architecture(),
        facts.cpu().sockets(),
        facts.cpu().threads(),
        facts.memoryBytes(),
        facts.disks().stream().map(NodeViews::disk).toList(),
        facts.nics().stream()
            .map(n ->
                new NicView(
                    n.name(),
                    n.permanentMac(),
                    n.linkUp(),
                    n.addresses(),
                    n.parentBus(),
                    n.identifies()))
            .toList());
  }

  private static DiskView disk(Facts.Disk disk) {
    return new DiskView(
        disk.name(),
        disk.id(),
        disk.model(),
        disk.serial(),
        disk.sizeBytes(),
        disk.media().name().toLowerCase(Locale.ROOT),
        disk.bus(),
        disk.contents().stream()
            .map(c ->
                new PartView(c.name(), c.type(), c.sizeBytes(), c.partitionLabel(), c.fileSystem()))
            .toList());
  }
}
