package io.kindling.appliance.cluster;

import io.kindling.appliance.net.AddressRange;
import io.kindling.appliance.net.Cidr;
import io.kindling.inventory.Node;
import io.kindling.inventory.Role;
import io.kindling.ksgen.DiskRule;
import io.kindling.ksgen.kickstart.KickstartRequest;
import io.kindling.ksgen.kickstart.NetworkDevice.Mode;
import io.kindling.ksgen.kickstart.Release;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/// cluster.yaml: what an operator wants, checked. Immutable.
///
/// @param ntp time sources; the word `appliance` stands for the appliance's address
/// @param networks by name, in the file's order; `management` is always there
/// @param openstack empty where the rack is to have none
/// @param kickstart what a release installed by kickstart is to be besides
/// @param nodes the first rule that matches a machine decides about it
public record Cluster(
    String name,
    String release,
    Optional<String> domain,
    List<String> dns,
    List<String> ntp,
    Map<String, Network> networks,
    Storage storage,
    Optional<OpenStack> openstack,
    Kickstart kickstart,
    List<NodeRule> nodes) {

  /// The network that machines boot and are managed on.
  public static final String MANAGEMENT = "management";

  public Cluster {
    dns = List.copyOf(dns);
    ntp = List.copyOf(ntp);
    networks = Collections.unmodifiableMap(new java.util.LinkedHashMap<>(networks));
    nodes = List.copyOf(nodes);
  }

  /// @param packages besides the minimal environment
  /// @param kernel arguments of the installed system's kernel
  public record Kickstart(
      KickstartRequest.Locale locale, List<String> packages, List<String> kernel) {
    public Kickstart {
      packages = List.copyOf(packages);
      kernel = List.copyOf(kernel);
    }
  }

  /// The release where it is one that installs by kickstart.
  public Optional<Release> kickstartRelease() {
    return Release.of(release);
  }

  /// @param dhcp addresses lent to machines until they are installed
  /// @param nodes addresses for installed nodes; empty where nodes get none on this network
  /// @param vlan the tag; empty where untagged
  public record Network(
      String name,
      Cidr cidr,
      Optional<AddressRange> dhcp,
      Optional<AddressRange> nodes,
      Optional<Inet4Address> vip,
      OptionalInt vlan,
      OptionalInt mtu,
      Optional<Inet4Address> gateway,
      Optional<AddressRange> floating) {}

  /// What OpenStack keeps where.
  public record Storage(
      String images,
      List<String> volumes,
      String ephemeral,
      String objects,
      int replicas,
      String cephFrom) {
    public Storage {
      volumes = List.copyOf(volumes);
    }
  }

  /// OpenStack's services, on the controllers.
  ///
  /// @param region its name in the catalogue
  /// @param virtualization what guests run by: `kvm`, or `qemu` where processors have none
  /// @param tunnels the network on which guests of different computes reach each other
  /// @param admin networks that SSH to hosts is let in from, beside `management`
  public record OpenStack(String region, String virtualization, String tunnels, List<Cidr> admin) {
    public OpenStack {
      admin = List.copyOf(admin);
    }
  }

  /// @param interfaces none: management untagged and the others tagged on the boot NIC; where there
  ///   are some and none names management, it stays on the boot NIC
  /// @param kexec enter the installed system without its firmware: the operator waives the proof
  ///   that the machine boots from its own disk
  /// @param line where it stands in the file
  public record NodeRule(
      Match match,
      Optional<String> name,
      Set<Role> roles,
      List<InterfaceRule> interfaces,
      List<DiskRule> disks,
      boolean kexec,
      int line) {
    public NodeRule {
      roles = Set.copyOf(roles);
      interfaces = List.copyOf(interfaces);
      disks = List.copyOf(disks);
    }
  }

  /// Which machines a rule is about.
  public sealed interface Match {
    record Mac(String mac) implements Match {}

    record Label(String label) implements Match {}

    record Name(String name) implements Match {}

    /// True where the rule is about this machine.
    default boolean matches(Node node) {
      return switch (this) {
        case Mac(String mac) -> node.macs().contains(mac) || mac.equals(node.bootMac());
        case Label(String label) -> node.labels().contains(label);
        case Name(String name) -> node.name().equals(name);
      };
    }

    default String text() {
      return switch (this) {
        case Mac(String mac) -> "mac " + mac;
        case Label(String label) -> "label " + label;
        case Name(String name) -> "name " + name;
      };
    }
  }

  /// @param name the bond's name where it is one; else only to tell it from others
  /// @param of which NICs, at least one selector; together they find one NIC where there is no bond
  /// @param bridge a bridge's name: the one network is on it instead
  public record InterfaceRule(
      String name,
      List<NicSelector> of,
      Optional<Mode> bond,
      Optional<String> bridge,
      List<String> networks) {
    public InterfaceRule {
      of = List.copyOf(of);
      networks = List.copyOf(networks);
    }
  }

  /// NICs by what the discovery report says of them; all that is given must hold.
  ///
  /// @param mac permanent hardware address
  /// @param name in the report
  /// @param pci address of the PCI function, `0000:3b:00.1`
  /// @param speed Mb/s that the NIC is made for
  /// @param lldp the switch it is plugged into: its name
  /// @param port the switch's port
  /// @param order places among the machine's NICs in order of their PCI addresses, from 0; any
  ///   where empty
  public record NicSelector(
      Optional<String> mac,
      Optional<String> name,
      Optional<String> pci,
      OptionalInt speed,
      Optional<String> lldp,
      Optional<String> port,
      Set<Integer> order) {
    public NicSelector {
      order = Collections.unmodifiableSortedSet(new TreeSet<>(order)); // its text is compared
    }

    /// As the file says it.
    public String text() {
      var words = new ArrayList<String>();
      mac.ifPresent(v -> words.add("mac: " + v));
      name.ifPresent(v -> words.add("name: " + v));
      pci.ifPresent(v -> words.add("pci: " + v));
      speed.ifPresent(v -> words.add("speed: " + v));
      lldp.ifPresent(v -> words.add("lldp: " + v));
      port.ifPresent(v -> words.add("port: " + v));
      if (!order.isEmpty()) {
        words.add("order: " + order);
      }
      return String.join(", ", words);
    }
  }

  public Network management() {
    Network network = networks.get(MANAGEMENT);
    if (network == null) {
      throw new IllegalStateException("a cluster without management network");
    }
    return network;
  }

  /// The rule that decides about this machine.
  public Optional<NodeRule> ruleFor(Node node) {
    return nodes.stream().filter(rule -> rule.match().matches(node)).findFirst();
  }

  /// The rules by what they match, for whoever asks of many machines. Immutable.
  public RuleIndex rules() {
    return new RuleIndex(nodes);
  }
}
