package io.kindling.inventory;

import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;

/// Reports of machines that have their own operating system (`existing` nodes). Such a machine is
/// known by its /etc/machine-id and enters as `provisioned`, by an invitation; neither its disks
/// nor its name are ever changed. Its identifying NICs are kept, so that it is sent to its own disk
/// if it boots over the network. Its system UUID counts for nothing: a container shows its host's.
///
/// Called by one thread at a time.
final class ExistingMachines {

  private final NodeStore nodes;
  private final EventStore events;
  private final Clock clock;
  private final Supplier<UUID> ids;

  ExistingMachines(NodeStore nodes, EventStore events, Clock clock, Supplier<UUID> ids) {
    this.nodes = nodes;
    this.events = events;
    this.clock = clock;
    this.ids = ids;
  }

  ReportResult report(Facts.Existing system, FactsParser.Parsed parsed, Credentials presented) {
    Facts facts = parsed.facts();
    Optional<Node> known =
        nodes.all().stream().filter(n -> system.machineId().equals(n.machineId())).findFirst();
    boolean admitted =
        switch (presented) {
          case Credentials.Anyone _ -> false;
          case Credentials.Invitation invitation -> invitation.admits().test(system.machineId());
          case Credentials.OwnToken own -> known.isPresent() && own.node().equals(known.get().id());
        };
    if (!admitted) {
      return rejected(
          known.map(Node::id),
          InventoryError.NOT_INVITED,
          "machine-id " + system.machineId() + known.map(n -> ", known as " + n.name()).orElse(""));
    }
    Set<String> macs = Evidence.of(facts).macs();
    Optional<Node> adoptable = known.isPresent() ? Optional.empty() : adoptable(macs);
    Optional<UUID> is = known.or(() -> adoptable).map(Node::id);
    for (String mac : new TreeSet<>(macs)) {
      Optional<Node> owner = nodes.findByMac(mac);
      if (owner.isPresent() && !owner.map(Node::id).equals(is)) {
        return rejected(
            owner.map(Node::id),
            InventoryError.KNOWN_OTHERWISE,
            owner.get().name() + " by " + mac + ", it is " + owner.get().state().label());
      }
    }
    if (known.isPresent()) {
      return renewed(known.get(), macs, parsed);
    }
    return adoptable.isPresent()
        ? adopted(adoptable.get(), system, macs, parsed)
        : new ReportResult.Created(joined(system, macs, facts), parsed.warnings());
  }

  /// The machine that reported from the bootstrap before it went back to its own disk.
  private Optional<Node> adoptable(Set<String> macs) {
    return new TreeSet<>(macs)
        .stream()
            .flatMap(mac -> nodes.findByMac(mac).stream())
            .filter(n -> n.state() == NodeState.ADOPTABLE)
            .findFirst();
  }

  private ReportResult adopted(
      Node before, Facts.Existing system, Set<String> macs, FactsParser.Parsed parsed) {
    String name = before.name().equals(system.hostName()) ? before.name() : freeName(system);
    return switch (nodes.change(
        before.id(),
        node ->
            node.withName(name)
                .withState(NodeState.PROVISIONED, null, null)
                .withReport(macs, node.bootMac(), node.uuid(), parsed.facts(), clock.instant()))) {
      case NodeStore.Changed.Unknown _ ->
          rejected(Optional.empty(), InventoryError.NOT_INVITED, before.name() + " was removed");
      case NodeStore.Changed.Done(Node node) -> {
        events.append(node.id(), "node-joined", null, node.name() + " with the system that it had");
        yield new ReportResult.Updated(node, parsed.warnings());
      }
    };
  }

  private Node joined(Facts.Existing system, Set<String> macs, Facts facts) {
    Instant now = clock.instant();
    Node node =
        nodes.add(
            new Node(
                ids.get(),
                freeName(system),
                Set.of(),
                NodeState.PROVISIONED,
                null,
                null,
                macs,
                null,
                null,
                null,
                facts,
                now,
                now,
                1));
    events.append(
        node.id(),
        "node-joined",
        null,
        node.name() + " with its own system: " + Inventory.describe(facts));
    return node;
  }

  private ReportResult renewed(Node before, Set<String> macs, FactsParser.Parsed parsed) {
    Facts facts = parsed.facts();
    return switch (nodes.change(
        before.id(),
        node -> node.withReport(macs, node.bootMac(), node.uuid(), facts, clock.instant()))) {
      case NodeStore.Changed.Unknown _ ->
          rejected(Optional.empty(), InventoryError.NOT_INVITED, before.name() + " was removed");
      case NodeStore.Changed.Done(Node node) -> {
        List<String> changes = FactsChange.between(before.facts(), facts);
        if (!changes.isEmpty()) {
          events.append(
              node.id(), "node-changed", null, node.name() + ": " + String.join("; ", changes));
        }
        yield new ReportResult.Updated(node, parsed.warnings());
      }
    };
  }

  private ReportResult rejected(Optional<UUID> node, InventoryError error, String reason) {
    events.append(node.orElse(null), "report-rejected", error.id(), error.summary() + " " + reason);
    return new ReportResult.Rejected(error, reason);
  }

  /// Its own host name, where no other node has it.
  private String freeName(Facts.Existing system) {
    String own = system.hostName();
    String base = own == null ? "node-" + system.machineId().substring(0, 6) : own;
    String name = base;
    for (int i = 2; nodes.findByName(name).isPresent(); i++) {
      name = base + "-" + i;
    }
    return name;
  }
}
