package io.kindling.inventory;

import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Turns reports into nodes.
///
/// Thread-safe. Documents are parsed side by side; who they are from is decided one at a time, so
/// that a machine that reports twice at once is one node.
public final class Inventory {

  /// GPT partition names that the partition script gives.
  static final String OUR_PARTITIONS = "kindling-";

  private final NodeStore nodes;
  private final EventStore events;
  private final Clock clock;
  private final Supplier<UUID> ids;
  private final FactsParser parser = new FactsParser();
  private final Identifier identifier;
  private final ExistingMachines existing;
  private final ReentrantLock deciding = new ReentrantLock();

  /// @param ids gives new nodes their ids, random UUIDs
  public Inventory(NodeStore nodes, EventStore events, Clock clock, Supplier<UUID> ids) {
    this.nodes = nodes;
    this.events = events;
    this.clock = clock;
    this.ids = ids;
    this.identifier = new Identifier(nodes);
    this.existing = new ExistingMachines(nodes, events, clock, ids);
  }

  /// Takes a discovery document. What it changed is durable when this returns.
  public ReportResult report(byte[] document, Credentials presented) {
    return switch (parser.parse(document)) {
      case FactsParser.Malformed bad -> rejected(null, bad.error(), bad.reason());
      case FactsParser.Parsed parsed -> {
        ReportResult result = decideAlone(parsed, presented);
        switch (result) { // Beside other decisions: a document is large and decides nothing.
          case ReportResult.Created made -> nodes.keepDocument(made.node().id(), document);
          case ReportResult.Updated known -> nodes.keepDocument(known.node().id(), document);
          case ReportResult.Quarantined q -> nodes.keepDocument(q.node().id(), document);
          case ReportResult.Rejected _ -> {} // Nothing is kept of it.
        }
        yield result;
      }
    };
  }

  /// Who a machine with these facts is, as things stand.
  public Identification identify(Facts facts) {
    return identifier.identify(Evidence.of(facts));
  }

  private ReportResult decideAlone(FactsParser.Parsed parsed, Credentials presented) {
    deciding.lock();
    try {
      return decide(parsed, presented);
    } finally {
      deciding.unlock();
    }
  }

  private ReportResult decide(FactsParser.Parsed parsed, Credentials presented) {
    Facts facts = parsed.facts();
    Facts.Existing system = facts.agent().existing();
    if (system != null) {
      return existing.report(system, parsed, presented);
    }
    return switch (identify(facts)) {
      case Identification.New unknown -> {
        Node node = create(unknown, facts);
        yield new ReportResult.Created(node, parsed.warnings());
      }
      case Identification.Known known -> {
        Node node = update(known, facts, presented);
        if (node == null) {
          yield tokenNeeded(known.node());
        }
        yield new ReportResult.Updated(node, parsed.warnings());
      }
      case Identification.Conflict conflict -> {
        Node node = quarantine(conflict, facts, presented);
        if (node == null) {
          yield tokenNeeded(conflict.reporter());
        }
        yield new ReportResult.Quarantined(node, InventoryError.NIC_MOVED, conflict.reason());
      }
      case Identification.Nobody nobody ->
          rejected(null, InventoryError.NO_IDENTITY, nobody.reason());
    };
  }

  private Node create(Identification.New unknown, Facts facts) {
    Evidence evidence = unknown.evidence();
    stopCounting(evidence.uuid(), unknown.namesakes());
    NodeState state = carriesOurPartitions(facts) ? NodeState.ADOPTABLE : NodeState.DISCOVERED;
    Instant now = clock.instant();
    Node node =
        nodes.add(
            new Node(
                ids.get(),
                freeName(evidence),
                Set.of(),
                state,
                null,
                null,
                evidence.macs(),
                evidence.bootMac(),
                unknown.namesakes().isEmpty() ? evidence.uuid() : null,
                null,
                facts,
                now,
                now,
                1));
    events.append(node.id(), "node-" + state.label(), null, node.name() + ": " + describe(facts));
    if (!unknown.namesakes().isEmpty()) {
      sharedUuid(node, evidence.uuid());
    }
    return node;
  }

  /// Null where the node needs its own token by now and this is not it.
  private @Nullable Node update(Identification.Known known, Facts facts, Credentials presented) {
    Evidence evidence = known.evidence();
    Node before = known.node();
    if (presented.suffice(before)) {
      // Not before that: a report that is refused takes no evidence from anybody.
      stopCounting(evidence.uuid(), known.namesakes());
    }
    Instant now = clock.instant();
    Node after =
        changed(
            before.id(),
            node ->
                presented.suffice(node)
                    ? settled(node, facts)
                        .withReport(
                            evidence.macs().isEmpty() ? node.macs() : evidence.macs(),
                            evidence.bootMac() == null ? node.bootMac() : evidence.bootMac(),
                            countingUuid(node, known, facts),
                            facts,
                            now)
                    : node);
    if (after == null || after.facts() != facts) {
      return null;
    }
    if (before.uuid() != null && after.uuid() == null && !known.namesakes().isEmpty()) {
      sharedUuid(after, evidence.uuid());
    }
    if (before.state() != after.state()) {
      events.append(
          after.id(), "node-" + after.state().label(), null, after.name() + ": " + describe(facts));
    }
    List<String> changes = FactsChange.between(before.facts(), facts);
    if (!changes.isEmpty()) {
      events.append(
          after.id(), "node-changed", null, after.name() + ": " + String.join("; ", changes));
    }
    return after;
  }

  /// What a report without contradiction makes of states that only evidence or disks decide. A node
  /// with an assignment stays where it is until an operator says otherwise.
  private static Node settled(Node node, Facts facts) {
    boolean ours = carriesOurPartitions(facts);
    boolean clears = node.state() == NodeState.QUARANTINED && node.assignment() == null;
    boolean blank = node.state() == NodeState.ADOPTABLE && !ours && !facts.disks().isEmpty();
    boolean found = node.state() == NodeState.DISCOVERED && ours && node.assignment() == null;
    return clears || blank || found
        ? node.withState(ours ? NodeState.ADOPTABLE : NodeState.DISCOVERED, null, null)
        : node;
  }

  private static @Nullable String countingUuid(Node node, Identification.Known known, Facts facts) {
    if (facts.system().uuid() == null) {
      return node.uuid(); // dmidecode told nothing this time.
    }
    return known.namesakes().isEmpty() ? known.evidence().uuid() : null;
  }

  private @Nullable Node quarantine(
      Identification.Conflict conflict, Facts facts, Credentials presented) {
    Node before = conflict.reporter();
    String reason = InventoryError.NIC_MOVED.id() + " " + conflict.reason();
    Instant now = clock.instant();
    Node after =
        changed(
            before.id(),
            node ->
                presented.suffice(node)
                    ? node.withState(NodeState.QUARANTINED, null, reason)
                        .withReport(node.macs(), node.bootMac(), node.uuid(), facts, now)
                    : node);
    if (after == null || after.facts() != facts) {
      return null;
    }
    if (before.state() != NodeState.QUARANTINED || !reason.equals(before.reason())) {
      events.append(
          after.id(),
          "node-quarantined",
          InventoryError.NIC_MOVED.id(),
          after.name() + ": " + conflict.reason());
    }
    return after;
  }

  /// An equal UUID with disjoint addresses counts for nobody.
  private void stopCounting(@Nullable String uuid, List<Node> namesakes) {
    for (Node namesake : namesakes) {
      if (uuid != null && uuid.equals(namesake.uuid())) {
        changed(namesake.id(), node -> uuid.equals(node.uuid()) ? node.withUuid(null) : node);
        sharedUuid(namesake, uuid);
      }
    }
  }

  private void sharedUuid(Node node, @Nullable String uuid) {
    events.append(
        node.id(),
        "uuid-shared",
        InventoryError.UUID_SHARED.id(),
        node.name() + ": another machine has the system UUID " + uuid + " too");
  }

  private @Nullable Node changed(UUID id, UnaryOperator<Node> change) {
    return switch (nodes.change(id, change)) {
      case NodeStore.Changed.Done done -> done.node();
      case NodeStore.Changed.Unknown _ -> null;
    };
  }

  private ReportResult tokenNeeded(Node node) {
    return rejected(
        node.id(),
        InventoryError.TOKEN_NEEDED,
        node.name() + " is " + node.state().label() + ", the report came without its token");
  }

  private ReportResult rejected(@Nullable UUID node, InventoryError error, String reason) {
    events.append(node, "report-rejected", error.id(), error.summary() + " " + reason);
    return new ReportResult.Rejected(error, reason);
  }

  /// `node-` and the last six digits of the boot NIC's address, else of what there is.
  private String freeName(Evidence evidence) {
    String from = evidence.bootMac();
    if (from == null) {
      from = evidence.macs().isEmpty() ? evidence.uuid() : new TreeSet<>(evidence.macs()).first();
    }
    String hex = String.valueOf(from).replaceAll("[^0-9a-f]", "");
    String base = "node-" + hex.substring(Math.max(0, hex.length() - 6));
    String name = base;
    for (int i = 2; nodes.findByName(name).isPresent(); i++) {
      name = base + "-" + i;
    }
    return name;
  }

  /// Whether disks of a machine hold what Kindling makes.
  public static boolean carriesOurPartitions(Facts facts) {
    return facts.disks().stream()
        .flatMap(disk -> disk.contents().stream())
        .map(Facts.Content::partitionLabel)
        .anyMatch(label -> label != null && label.startsWith(OUR_PARTITIONS));
  }

  static String describe(Facts facts) {
    var parts = new ArrayList<String>();
    Facts.SystemInfo system = facts.system();
    if (system.vendor() != null || system.product() != null) {
      parts.add(
          ((system.vendor() == null ? "" : system.vendor() + " ")
                  + (system.product() == null ? "" : system.product()))
              .strip());
    }
    parts.add(facts.agent().firmware().toString());
    parts.add(facts.cpu().threads() + " CPUs");
    parts.add((facts.memoryBytes() >> 20) + " MiB of memory");
    parts.add(facts.disks().size() + " disks");
    parts.add(facts.nics().size() + " NICs");
    return String.join(", ", parts);
  }
}
