package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.facts.Facts;
import io.kindling.postinstall.ceph.CephModel.Osd;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a rule of the cluster file makes of a machine that has its own operating system: roles, and
/// the addresses and the host key that it has. Pure.
final class ExistingNodes {
  /// No disk is Kindling's to lay out.
  private static final String NO_SPACES = "[]";

  private static final String OSD = "4fbd7e29-9d25-41b8-afd0-062c0ceff05d";
  private static final String JOURNAL = "45b0969e-9b03-4f30-b4c6-b4b80ceff106";

  private ExistingNodes() {}

  /// @throws ApplianceException where the rule wants something changed on the machine, or where the
  ///   machine has no address in one of the cluster's networks
  static Assignment assignment(Cluster cluster, NodeRule rule, Node node) {
    Facts facts = node.facts();
    if (facts == null) {
      throw refused(node, "its last report cannot be read");
    }
    if (rule.name().isPresent() && !rule.name().get().equals(node.name())) {
      throw refused(node, "the rule calls it " + rule.name().get());
    }
    if (!rule.disks().isEmpty() || !rule.interfaces().isEmpty()) {
      throw refused(node, "the rule gives it disks or interfaces");
    }
    var addresses = new TreeMap<String, String>();
    for (Cluster.Network network : cluster.networks().values()) {
      if (network.nodes().isEmpty()) {
        continue; // nodes have no address there
      }
      addresses.put(
          network.name(),
          in(network, facts)
              .orElseThrow(() ->
                  refused(node, "it has no address in " + network.name() + ", " + network.cidr())));
    }
    String hostKey =
        facts.sshHostKeys().stream()
            .min(Comparator.comparing((String key) -> !key.startsWith("ssh-ed25519 ")))
            .orElseThrow(() -> refused(node, "it has no SSH host key"));
    return new Assignment(1, rule.roles(), addresses, NO_SPACES, true, hostKey, null);
  }

  /// @throws ApplianceException where an address that the machine came with is another node's
  static void mustBeAlone(Node node, Assignment made, List<Node> all) {
    for (Node other : all) {
      if (!other.id().equals(node.id()) && other.state() != NodeState.REMOVED) {
        var both = new TreeSet<>(made.addresses().values());
        both.retainAll(TakenAddresses.had(other).values());
        if (!both.isEmpty()) {
          throw refused(node, "its address " + both.getFirst() + " is " + other.name() + "'s");
        }
      }
    }
  }

  /// The OSDs of the partitions that the machine has, told by their GPT type GUIDs. The first db
  /// partition is the first OSD's, and so on, both in the order of their names and GUIDs, which no
  /// reboot changes.
  static List<Osd> osds(Node node) {
    List<UUID> dbs = dbs(node);
    var osds = new ArrayList<Osd>();
    for (UUID partition : partitions(node, OSD)) {
      int index = osds.size();
      osds.add(new Osd(partition, index < dbs.size() ? dbs.get(index) : null));
    }
    return osds;
  }

  /// The partitions for OSDs' dbs that the machine has.
  static List<UUID> dbs(Node node) {
    return partitions(node, JOURNAL);
  }

  private static List<UUID> partitions(Node node, String type) {
    Facts facts = node.facts();
    return facts == null
        ? List.of()
        : facts.disks().stream()
            .flatMap(disk -> disk.contents().stream())
            .filter(c -> type.equalsIgnoreCase(c.partitionType()))
            .filter(c -> c.partitionUuid() != null)
            .sorted(
                Comparator.comparing((Facts.Content c) -> String.valueOf(c.partitionLabel()))
                    .thenComparing(c -> String.valueOf(c.partitionUuid())))
            .flatMap(c -> uuid(c.partitionUuid()))
            .distinct()
            .toList();
  }

  private static Stream<UUID> uuid(@Nullable String text) {
    try {
      return text == null ? Stream.empty() : Stream.of(UUID.fromString(text));
    } catch (IllegalArgumentException damaged) {
      return Stream.empty(); // nothing can be found by it
    }
  }

  private static Optional<String> in(Cluster.Network network, Facts facts) {
    for (Facts.Nic nic : facts.nics()) {
      for (String address : nic.addresses()) {
        String plain = address.split("/", 2)[0];
        Optional<Inet4Address> parsed = io.kindling.appliance.net.Addresses.parse(plain);
        // The virtual address is on it for the time being only.
        if (parsed.isPresent()
            && network.cidr().contains(parsed.get())
            && !network.vip().equals(parsed)) {
          return Optional.of(plain + "/" + network.cidr().prefix());
        }
      }
    }
    return Optional.empty();
  }

  private static ApplianceException refused(Node node, String detail) {
    return new ApplianceException(ApplianceError.EXISTING, node.name() + ": " + detail);
  }
}
