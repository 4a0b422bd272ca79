package io.kindling.appliance.deploy;

import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.net.Cidr;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.facts.Facts;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The addresses that nodes have or brought with them, kept while a cluster file is applied to all
/// of them, so that each node costs what it has and not what all have. Not thread-safe.
final class TakenAddresses {
  private final Set<Long> numbers = new HashSet<>();

  private TakenAddresses() {}

  static TakenAddresses of(List<Node> nodes) {
    var taken = new TakenAddresses();
    for (Node node : nodes) {
      taken.give(had(node));
      taken.give(brought(node));
    }
    return taken;
  }

  /// What a machine with its own operating system came with, whether it has roles or not.
  private static List<String> brought(Node node) {
    Facts facts = node.facts();
    return node.machineId() == null || facts == null
        ? List.of()
        : facts.nics().stream().flatMap(nic -> nic.addresses().stream()).toList();
  }

  /// What the node has by its assignment: network → address with prefix length.
  static Map<String, String> had(Node node) {
    Assignment assignment = node.assignment();
    return assignment == null ? Map.of() : assignment.addresses();
  }

  /// From now on these are somebody's.
  void give(Map<String, String> addresses) {
    give(addresses.values());
  }

  private void give(Collection<String> addresses) {
    addresses.forEach(text -> Cidr.parse(text).ifPresent(a -> numbers.add(number(a))));
  }

  /// From now on these are nobody's.
  void free(Map<String, String> addresses) {
    addresses.values().forEach(text -> Cidr.parse(text).ifPresent(a -> numbers.remove(number(a))));
  }

  /// @param number of an IPv4 address, see [Addresses#number]
  boolean has(long number) {
    return numbers.contains(number);
  }

  private static long number(Cidr address) {
    return Addresses.number(address.address());
  }
}
