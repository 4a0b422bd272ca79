package io.kindling.appliance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster.Match;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.appliance.config.KindlingConfig;
import io.kindling.appliance.net.Cidr;
import io.kindling.inventory.Role;
import io.kindling.ksgen.VolumeSize;
import io.kindling.ksgen.kickstart.NetworkDevice;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ClusterParserTest {
  private final ClusterParser parser =
      new ClusterParser(
          KindlingConfig.parse("kindling.yaml", "provisioning: {interface: eno1}").provisioning());

  /// What the design shows; `%s` stand for an interface of the storage nodes and for a size.
  private static final String FULL =
      """
      name: rack1
      release: debian-13
      domain: rack1.example
      dns: [10.20.0.1]
      ntp: [appliance]
      networks:
        management:  { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99, vip: 10.20.0.5 }
        storage:     { cidr: 10.21.0.0/24, vlan: 101, mtu: 9000, nodes: 10.21.0.10-10.21.0.99 }     # Ceph public
        replication: { cidr: 10.22.0.0/24, vlan: 102, mtu: 9000, nodes: 10.22.0.10-10.22.0.99 }     # Ceph cluster
        public:      { cidr: 192.0.2.0/24, gateway: 192.0.2.1, vip: 192.0.2.5, floating: 192.0.2.100-192.0.2.250 }
      storage: { images: ceph, volumes: [ceph, lvm], ephemeral: ceph, objects: ceph, replicas: 3, ceph: { from: debian } }
      nodes:
        - match: { mac: "52:54:00:00:00:01" }
          name: node-1
          roles: [controller, ceph-mon]
        - match: { label: storage }                       # many nodes
          roles: [ceph-osd]
          interfaces:                                     # selectors: name, mac, pci, speed, lldp, order
            bond0: %s
          disks:                                          # selectors: id, media, size, bus, slot, count; frozen in the plan
            - { media: nvme, count: 1, use: { cephjournal: all }, spare: 2 }     # two journal slots left free
            - { slot: [0, 1], use: { os: %s } }                              # OS, /boot and ESP on both
            - { size: ">=1TB", use: { ceph: all } }
            - { id: "wwn-0x5000c500a1b2c3d4", keep: true }                       # never touched
      """;

  private Cluster parse(String text) {
    return parser.parse("cluster.yaml", text);
  }

  private String complaint(String text) {
    ApplianceException e = catchThrowableOfType(ApplianceException.class, () -> parse(text));
    assertThat(e).as(text).isNotNull();
    assertThat(e.error().id()).isEqualTo("APP-003");
    return e.detail();
  }

  @Test
  void theDesignsExampleIsReadWithWhatThisVersionKnows() {
    Cluster cluster =
        parse(
            FULL.formatted("{ of: [ { name: ens4 } ], networks: [storage, replication] }", "all"));
    assertThat(cluster.name()).isEqualTo("rack1");
    assertThat(cluster.domain()).contains("rack1.example");
    assertThat(cluster.dns()).containsExactly("10.20.0.1");
    assertThat(cluster.ntp()).containsExactly("appliance");
    assertThat(cluster.networks())
        .containsOnlyKeys("management", "storage", "replication", "public");
    assertThat(cluster.management().vip()).isPresent();
    assertThat(cluster.networks().get("storage").vlan()).hasValue(101);
    assertThat(cluster.networks().get("storage").mtu()).hasValue(9000);
    assertThat(cluster.networks().get("public").nodes()).isEmpty();
    assertThat(cluster.networks().get("public").floating().map(Object::toString))
        .contains("192.0.2.100-192.0.2.250");
    assertThat(cluster.storage().volumes()).containsExactly("ceph", "lvm");
    NodeRule first = cluster.nodes().get(0);
    assertThat(first.match()).isEqualTo(new Match.Mac("52:54:00:00:00:01"));
    assertThat(first.name()).contains("node-1");
    assertThat(first.roles()).containsExactlyInAnyOrder(Role.CONTROLLER, Role.CEPH_MON);
    NodeRule second = cluster.nodes().get(1);
    assertThat(second.match()).isEqualTo(new Match.Label("storage"));
    assertThat(second.interfaces().getFirst().networks()).containsExactly("storage", "replication");
    assertThat(second.disks()).hasSize(4);
    assertThat(second.disks().get(0).spare()).isEqualTo(2);
    assertThat(second.disks().get(1).selector().slot()).containsExactly(0, 1);
    assertThat(second.disks().get(2).selector().size()).isNotNull();
    assertThat(second.disks().get(3).keep()).isTrue();
  }

  /// With a vip where `%1$s` says so, more of the file, and a role.
  private static String openstack(String vip, String more, String role) {
    return """
    networks:
      management: { cidr: 10.20.0.0/24, nodes: 10.20.0.10-10.20.0.99%s }
    %s
    nodes:
      - { match: { label: x }, roles: %s }
    """
        .formatted(vip, more, role);
  }

  @Test
  void openStackIsThereWhereItIsAskedForAndStandsOnWhatItNeeds() {
    String vip = ", vip: 10.20.0.5";
    String plain = "openstack: {}";
    assertThat(parse(openstack(vip, "", "controller")).openstack()).isEmpty();
    assertThat(parse(openstack(vip, plain, "controller")).openstack())
        .contains(new Cluster.OpenStack("RegionOne", "kvm", "management", List.of()));
    assertThat(
            parse(
                    openstack(
                        vip,
                        "  guests: { cidr: 10.23.0.0/24 }\n"
                            + "openstack: { region: r-1, virtualization: qemu, tunnels: guests,"
                            + " admin: [192.0.2.0/24] }",
                        "controller"))
                .openstack())
        .contains(
            new Cluster.OpenStack(
                "r-1", "qemu", "guests", List.of(Cidr.parse("192.0.2.0/24").orElseThrow())));
    assertThat(complaint(openstack(vip, "openstack: { tunnels: guests }", "controller")))
        .contains("guests");
    assertThat(complaint(openstack(vip, "openstack: { virtualization: xen }", "controller")))
        .contains("xen");
    assertThat(complaint(openstack("", plain, "controller"))).contains("the vip of `management`");
    assertThat(complaint(openstack(vip, plain, "ceph-osd"))).contains("role controller");
    assertThat(complaint(openstack(vip, "openstack: { region: a b }", "controller")))
        .contains("a region of letters");
    assertThat(complaint(openstack(vip, plain + "\nstorage: { objects: none }", "controller")))
        .contains("objects in Ceph");
    assertThat(
            complaint(
                openstack(vip, plain, "controller")
                    + "  - { match: { label: y }, roles: ceph-rgw }\n"))
        .contains("on controllers only");
    assertThat(complaint(openstack(vip, plain + "\nrelease: rocky-9", "controller")))
        .contains("OpenStack is installed on debian-13");
  }

  @Test
  void aBondAndItsSelectorsAreReadAsWritten() {
    Cluster cluster =
        parse(
            FULL.formatted(
                "{ of: [ { speed: 25000, lldp: leaf-1, port: swp7 }, { pci: '3B:00.1' }, { order:"
                    + " [2, 3] } ], bond: lacp, networks: [storage, replication] }",
                "all"));
    Cluster.InterfaceRule bond = cluster.nodes().get(1).interfaces().getFirst();
    assertThat(bond.name()).isEqualTo("bond0");
    assertThat(bond.bond()).contains(NetworkDevice.Mode.LACP);
    assertThat(bond.of())
        .extracting(Cluster.NicSelector::text)
        .containsExactly(
            "speed: 25000, lldp: leaf-1, port: swp7", "pci: 0000:3b:00.1", "order: [2, 3]");
    assertThat(bond.networks()).containsExactly("storage", "replication");
  }

  @Test
  void aBridgeHasItsNameAndOneNetwork() {
    Cluster cluster =
        parse(FULL.formatted("{ of: { name: ens4 }, bridge: br-ex, networks: public }", "all"));
    assertThat(cluster.nodes().get(1).interfaces().getFirst().bridge()).contains("br-ex");
  }

  @Test
  void theSystemIsMirroredAndVolumesAreKeptAsWritten() {
    Cluster cluster =
        parse(
            """
            nodes:
              - match: { label: x }
                roles: [ceph-osd]
                disks:
                  - { slot: [0, 1], use: { os: mirror } }
                  - { media: hdd, keep: [ceph, "my data"], use: { ceph: all } }
            """);
    assertThat(cluster.nodes().getFirst().disks().getFirst().use())
        .containsEntry("os", VolumeSize.MIRROR);
    assertThat(cluster.nodes().getFirst().disks().getLast().keepVolumes())
        .containsExactly("ceph", "my data");
  }

  @Test
  void nodesAloneMakeAClusterOutOfDefaults() {
    Cluster cluster = parse("nodes:\n  - { match: { label: x }, roles: base }\n");
    assertThat(cluster.name()).isEqualTo("kindling");
    assertThat(cluster.release()).isEqualTo("debian-13");
    assertThat(cluster.domain()).isEmpty();
    assertThat(cluster.ntp()).containsExactly("appliance");
    assertThat(cluster.networks()).containsOnlyKeys("management");
    assertThat(cluster.management().nodes().map(Object::toString))
        .contains("10.20.0.10-10.20.0.99");
    assertThat(cluster.management().dhcp().map(Object::toString))
        .contains("10.20.0.100-10.20.0.199");
    assertThat(cluster.storage().replicas()).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void everyRoleIsRead(Role role) {
    assertThat(
            parse("nodes: [{match: {label: x}, roles: [" + role.label() + "]}]")
                .nodes()
                .getFirst()
                .roles())
        .containsExactly(role);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a misspelt key at the top | relase: debian-13 | unknown key `relase`",
        "another release | release: rocky-8 | debian-13, rocky-9, rocky-10,",
        "a hostile package | kickstart: { packages: ['a b'] } | KSG-040 a package cannot be `a b`",
        "a hostile kernel argument | kickstart: { kernel: ['$(id)'] } | KSG-040 a kernel argument",
        "a name that is no name | name: Rack 1 | a name of lower-case",
        "a domain with a space | domain: a b | a domain name",
        "a name server by name | dns: [dns.example] | an IPv4 address",
        "a time server that is shell | ntp: ['$(reboot)'] | a host name",
        "storage kept on tape | storage: {images: tape} | one of ceph, file",
        "an unknown key of storage | storage: {image: ceph} | unknown key `image`",
        "an unknown key of a network | networks: {storage: {cidr: 10.21.0.0/24, vln: 3}} | unknown"
            + " key `vln`",
        "a network without addresses | networks: {storage: {vlan: 3}} | `cidr` is missing",
        "host bits in a network | networks: {storage: {cidr: 10.21.0.1/24}} | host bits",
        "nodes outside the network | networks: {storage: {cidr: 10.21.0.0/24, vlan: 3, nodes:"
            + " 10.22.0.1-10.22.0.9}} | not inside 10.21.0.0/24",
        "nodes up to the broadcast | networks: {storage: {cidr: 10.21.0.0/24, vlan: 3, nodes:"
            + " 10.21.0.1-10.21.0.255}} | not inside",
        "a vip outside | networks: {storage: {cidr: 10.21.0.0/24, vip: 10.22.0.1}} | no host"
            + " address",
        "a vip among the nodes | networks: {management: {cidr: 10.20.0.0/24, vip: 10.20.0.20}} |"
            + " ~`vip` is inside `nodes`~",
        "a gateway among the nodes | networks: {management: {cidr: 10.20.0.0/24, nodes:"
            + " 10.20.0.10-10.20.0.99, gateway: 10.20.0.10}} | ~`gateway` is inside `nodes`~",
        "nodes in the pool of kindling.yaml | networks: {management: {cidr: 10.20.0.0/24, nodes:"
            + " 10.20.0.50-10.20.0.120}} | overlap",
        "nodes in the pool | networks: {management: {cidr: 10.20.0.0/24, dhcp:"
            + " 10.20.0.90-10.20.0.120, nodes: 10.20.0.10-10.20.0.99}} | overlap",
        "default nodes in the pool | networks: {management: {cidr: 10.20.0.0/24, dhcp:"
            + " 10.20.0.50-10.20.0.60}} | overlap",
        "nodes among the floating | networks: {public: {cidr: 192.0.2.0/24, vlan: 3, nodes:"
            + " 192.0.2.10-192.0.2.20, floating: 192.0.2.20-192.0.2.30}} | overlap",
        "the appliance among the nodes | networks: {management: {cidr: 10.20.0.0/24, nodes:"
            + " 10.20.0.1-10.20.0.20}} | own address",
        "the appliance in the pool | networks: {management: {cidr: 10.20.0.0/24, dhcp:"
            + " 10.20.0.1-10.20.0.9}} | own address",
        "the appliance as vip | networks: {management: {cidr: 10.20.0.0/24, vip: 10.20.0.1}} | own"
            + " address",
        "another management than kindling.yaml's | networks: {management: {cidr: 10.30.0.0/24}} |"
            + " 10.20.0.0/24",
        "a pool on another network | networks: {storage: {cidr: 10.21.0.0/24, dhcp:"
            + " 10.21.0.1-10.21.0.9}} | only the management",
        "a tagged management | networks: {management: {cidr: 10.20.0.0/24, vlan: 5}} | cannot be"
            + " tagged",
        "two networks that overlap | networks: {a: {cidr: 10.21.0.0/16}, b: {cidr: 10.21.3.0/24}} |"
            + " overlap",
        "two networks of one vlan | networks: {a: {cidr: 10.21.0.0/24, vlan: 3}, b: {cidr:"
            + " 10.22.0.0/24, vlan: 3}} | the same vlan",
        "a vlan of 4095 | networks: {a: {cidr: 10.21.0.0/24, vlan: 4095}} | from 1 to 4094",
        "a network named as a path | networks: {../a: {cidr: 10.21.0.0/24}} | no network name",
      })
  void aMistakeBesideTheNodesIsNamedWithItsLine(String what, String line, String names) {
    assertThat(complaint("nodes: [{match: {label: x}, roles: base}]\n# then\n" + line + "\n"))
        .startsWith("cluster.yaml:3: ")
        .contains(names);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "an unknown role | {match: {label: x}, roles: [ceph-ods]} | unknown role `ceph-ods`",
        "no role | {match: {label: x}, roles: []} | empty",
        "no match | {roles: base} | `match` is missing",
        "two matches in one | {match: {label: x, name: y}, roles: base} | exactly one of",
        "an empty match | {match: {}, roles: base} | exactly one of",
        "a MAC that is none | {match: {mac: 52:54}, roles: base} | expected a MAC",
        "a name for a label | {match: {label: x}, name: one, roles: base} | cannot name them",
        "an unknown key of a node | {match: {label: x}, role: base} | ~`roles` is missing~",
        "a key beyond | {match: {label: x}, roles: base, disk: []} | unknown key `disk`",
        "an unknown way in | {match: {label: x}, roles: base, enter: reboot} | expected one of"
            + " firmware, kexec",
        "the MAC of the first again | {match: {mac: '52-54-00-00-00-01'}, roles: base} | two rules,"
            + " first in line 2",
        "the name of the first again | {match: {label: x}, roles: base}, {match: {name: z}, name:"
            + " one, roles: base} | given twice, first in line 2",
        "an unknown network | {match: {label: x}, roles: base, interfaces: {ens4: {networks:"
            + " [strage]}}} | unknown network `strage`",
        "one network twice | {match: {label: x}, roles: base, interfaces: {a: {networks:"
            + " management}, b: {networks: management}}} | on two interfaces",
        "a bond of nothing | {match: {label: x}, roles: base, interfaces: {bond0: {bond: lacp,"
            + " networks: management}}} | needs `of`",
        "a mode that no kernel has | {match: {label: x}, roles: base, interfaces: {bond0: {of:"
            + " {speed: 10}, bond: fast, networks: management}}} | lacp, active-backup",
        "a bond with a name of ours | {match: {label: x}, roles: base, interfaces: {nic0: {of:"
            + " {speed: 10}, bond: lacp, networks: management}}} | `nic0` cannot be a bond's name",
        "a bridge named like the bond | {match: {label: x}, roles: base, interfaces: {x: {of:"
            + " {speed: 10}, bond: lacp, bridge: x, networks: management}}} | two devices",
        "a selector of nothing | {match: {label: x}, roles: base, interfaces: {x: {of: {},"
            + " networks: management}}} | at least one of",
        "a port of no switch | {match: {label: x}, roles: base, interfaces: {x: {of: {port: a},"
            + " networks: management}}} | `port` is a switch's port",
        "no PCI address | {match: {label: x}, roles: base, interfaces: {x: {of: {pci: '3b'},"
            + " networks: management}}} | PCI address",
        "an unknown key of a disk | {match: {label: x}, roles: base, disks: [{id: a, uses: {os:"
            + " all}}]} | unknown key `uses`",
        "keep and use at once | {match: {label: x}, roles: base, disks: [{id: a, keep: true, use:"
            + " {os: all}}]} | exclude",
      })
  void aMistakeOfANodeIsNamedWithItsLine(String what, String rule, String names) {
    assertThat(
            complaint(
                "nodes: [{match: {mac: '52:54:00:00:00:99'}, roles: base},\n"
                    + "  {match: {mac: '52:54:00:00:00:01'}, name: one, roles: base},\n"
                    + rule
                    + "]\n"))
        .startsWith("cluster.yaml:3: ")
        .contains(names);
  }

  @Test
  void aListThatHoldsItselfIsAMistakeNotACrash() {
    assertThat(
            complaint(
                "nodes:\n- match: {label: x}\n  roles: base\n  disks:\n  - &d {id: a, use: *d}\n"))
        .startsWith("cluster.yaml:")
        .contains("nested");
  }

  @Test
  void noNodesAtAllIsAMistakeAndAnEmptyListIsNot() {
    assertThat(complaint("name: rack1\n")).contains("`nodes` is missing");
    assertThat(parse("nodes: []").nodes()).isEqualTo(List.of());
  }
}
