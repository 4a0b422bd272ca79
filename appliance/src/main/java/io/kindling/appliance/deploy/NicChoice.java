package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster.InterfaceRule;
import io.kindling.appliance.cluster.Cluster.NicSelector;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Nic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// Which of a machine's NICs an entry of `interfaces:` means. Pure.
final class NicChoice {
  private NicChoice() {}

  /// One NIC, or those of a bond, in the order of their PCI addresses.
  ///
  /// @throws ApplianceException where a selector finds none, or too many or few for what it is
  static List<Nic> of(InterfaceRule rule, String node, Facts facts) {
    List<Nic> ordered = facts.nics().stream().sorted(PLACE).toList();
    List<Nic> own = ordered.stream().filter(Nic::identifies).toList();
    var chosen = new ArrayList<Nic>();
    for (NicSelector selector : rule.of()) {
      List<Nic> found =
          ordered.stream().filter(nic -> matches(selector, nic, own.indexOf(nic))).toList();
      if (found.isEmpty()) {
        throw impossible(
            node + " has no interface with " + selector.text() + "; it has " + told(own));
      }
      found.stream().filter(nic -> !chosen.contains(nic)).forEach(chosen::add);
    }
    if (rule.bond().isEmpty() && chosen.size() > 1) {
      throw impossible(
          node
              + ": `"
              + rule.name()
              + "` is one interface, its selectors find "
              + told(chosen)
              + "; give `bond:` or select one");
    }
    if (rule.bond().isPresent() && chosen.size() < 2) {
      throw impossible(
          node
              + ": the bond "
              + rule.name()
              + " needs two NICs or more, its selectors find "
              + told(chosen));
    }
    chosen.sort(PLACE);
    return chosen;
  }

  /// Addresses are hexadecimal with fixed widths; NICs without one come last.
  private static final Comparator<Nic> PLACE =
      Comparator.comparing(Nic::pci, Comparator.nullsLast(Comparator.naturalOrder()))
          .thenComparing(Nic::name);

  /// What is made of other devices (a bridge of the bootstrap's) and USB adapters have no place:
  /// they are found by mac or name alone.
  private static boolean matches(NicSelector wanted, Nic nic, int place) {
    boolean byName = wanted.mac().isPresent() || wanted.name().isPresent();
    var far = nic.neighbour();
    return (byName || place >= 0)
        && wanted.mac().map(m -> m.equals(nic.permanentMac()) || m.equals(nic.mac())).orElse(true)
        && wanted.name().map(nic.name()::equals).orElse(true)
        && wanted.pci().map(p -> p.equals(nic.pci())).orElse(true)
        && (wanted.speed().isEmpty()
            || (nic.speedMbps() != null && nic.speedMbps() == wanted.speed().getAsInt()))
        && wanted.lldp().map(l -> far != null && l.equals(far.system())).orElse(true)
        && wanted.port().map(p -> far != null && p.equals(far.port())).orElse(true)
        && (wanted.order().isEmpty() || wanted.order().contains(place));
  }

  private static String told(List<Nic> nics) {
    return nics.isEmpty()
        ? "none"
        : nics.stream().map(NicChoice::told).collect(Collectors.joining(", "));
  }

  private static String told(Nic nic) {
    var words = new ArrayList<String>();
    words.add(nic.permanentMac());
    if (nic.pci() != null) {
      words.add("pci " + nic.pci());
    }
    if (nic.speedMbps() != null) {
      words.add(nic.speedMbps() + " Mb/s");
    }
    if (nic.neighbour() != null) {
      words.add("at " + nic.neighbour().system());
    }
    return nic.name() + " (" + String.join(", ", words) + ")";
  }

  private static ApplianceException impossible(String detail) {
    return new ApplianceException(ApplianceError.LAYOUT_IMPOSSIBLE, detail + " (`interfaces:`)");
  }
}
