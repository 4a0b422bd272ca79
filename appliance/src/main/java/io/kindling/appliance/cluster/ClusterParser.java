package io.kindling.appliance.cluster;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.cluster.Cluster.InterfaceRule;
import io.kindling.appliance.cluster.Cluster.Kickstart;
import io.kindling.appliance.cluster.Cluster.Match;
import io.kindling.appliance.cluster.Cluster.Network;
import io.kindling.appliance.cluster.Cluster.NodeRule;
import io.kindling.appliance.cluster.Cluster.OpenStack;
import io.kindling.appliance.cluster.Cluster.Storage;
import io.kindling.appliance.config.KindlingConfig.Provisioning;
import io.kindling.appliance.net.Cidr;
import io.kindling.appliance.yaml.YamlException;
import io.kindling.appliance.yaml.YamlMap;
import io.kindling.appliance.yaml.YamlValue;
import io.kindling.inventory.Role;
import io.kindling.ksgen.DiskRule;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.kickstart.KickstartRequest.Locale;
import io.kindling.ksgen.kickstart.Release;
import io.kindling.pxe.HardwareAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads cluster.yaml; every complaint is an [ApplianceException] that names file and line.
/// Immutable, thread-safe.
public final class ClusterParser {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern NETWORK = Pattern.compile("[a-z][a-z0-9-]{0,14}");
  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.:-]{0,253})");

  private static final Pattern REGION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");

  /// What is installed where the file says nothing.
  private static final String DEBIAN = "debian-13";

  private final Provisioning provisioning;

  /// @param provisioning the network of kindling.yaml, which management must be
  public ClusterParser(Provisioning provisioning) {
    this.provisioning = provisioning;
  }

  /// Reads and checks the text of a file of that name.
  public Cluster parse(String file, String text) {
    try {
      return read(YamlMap.parse(file, text));
    } catch (YamlException e) {
      throw new ApplianceException(ApplianceError.CLUSTER_INVALID, e.text(), e);
    }
  }

  private Cluster read(YamlMap top) {
    String name = top.take("name").map(ClusterParser::name).orElse("kindling");
    String release =
        top.take("release")
            .map(v -> {
              String r = v.text();
              if (!r.equals(DEBIAN) && Release.of(r).isEmpty()) {
                throw v.wrong(
                    "this version installs "
                        + DEBIAN
                        + ", "
                        + Release.labels()
                        + ", not `"
                        + r
                        + "`");
              }
              return r;
            })
            .orElse(DEBIAN);
    Optional<String> domain =
        top.take("domain").map(v -> v.text(DOMAIN, "a domain name such as rack1.example"));
    List<String> dns =
        top.take("dns").map(v -> v.each(a -> a.address().getHostAddress())).orElse(List.of());
    List<String> ntp =
        top.take("ntp")
            .map(v -> v.each(h -> h.text(HOST, "a host name, an address or `appliance`")))
            .orElse(List.of("appliance"));
    Map<String, Network> networks =
        new NetworksParser(provisioning, NETWORK).read(top.takeMap("networks"));
    Storage storage = storage(top.takeMap("storage"));
    Optional<YamlValue> openstackValue = top.take("openstack");
    Optional<OpenStack> openstack = openstackValue.map(value -> openstack(value, networks));
    Kickstart kickstart = kickstart(top.takeMap("kickstart"));
    YamlValue list = top.require("nodes");
    List<NodeRule> nodes = new ArrayList<>();
    for (YamlValue entry : list.list()) {
      nodes.add(rule(entry, networks, release));
    }
    top.end();
    checkTwice(nodes, list);
    openstackValue.ifPresent(value -> checkOpenStack(value, release, networks, storage, nodes));
    return new Cluster(
        name, release, domain, dns, ntp, networks, storage, openstack, kickstart, nodes);
  }

  private static OpenStack openstack(YamlValue value, Map<String, Network> networks) {
    YamlMap map = value.map();
    String virtualization =
        map.take("virtualization").map(v -> v.oneOf("kvm", "qemu")).orElse("kvm");
    String tunnels =
        map.take("tunnels")
            .map(v -> v.oneOf(networks.keySet().toArray(String[]::new)))
            .orElse(Cluster.MANAGEMENT);
    String region =
        map.take("region")
            .map(v -> v.text(REGION, "a region of letters, digits, . _ -"))
            .orElse("RegionOne");
    List<Cidr> admin =
        map.take("admin").map(YamlValue::list).orElse(List.of()).stream()
            .map(YamlValue::cidr)
            .toList();
    map.end();
    return new OpenStack(region, virtualization, tunnels, admin);
  }

  /// What OpenStack's services stand on.
  private static void checkOpenStack(
      YamlValue at,
      String release,
      Map<String, Network> networks,
      Storage storage,
      List<NodeRule> nodes) {
    if (!release.equals(DEBIAN)) {
      throw at.wrong("OpenStack is installed on " + DEBIAN + ", not on `" + release + "`");
    }
    if (nodes.stream().noneMatch(rule -> rule.roles().contains(Role.CONTROLLER))) {
      throw at.wrong("OpenStack needs a node with role controller");
    }
    Network management = networks.get(Cluster.MANAGEMENT);
    if (management == null || management.vip().isEmpty()) {
      throw at.wrong("OpenStack is served at the vip of `management`, which has none");
    }
    if (!storage.images().equals("ceph") || !storage.objects().equals("ceph")) {
      throw at.wrong("OpenStack needs images and objects in Ceph: `images: ceph, objects: ceph`");
    }
    for (NodeRule rule : nodes) {
      if (rule.roles().contains(Role.CEPH_RGW) && !rule.roles().contains(Role.CONTROLLER)) {
        throw at.wrong(
            "OpenStack shares the load balancer of the gateways: ceph-rgw is on controllers only");
      }
    }
  }

  private static Kickstart kickstart(YamlMap map) {
    Locale standard = Locale.STANDARD;
    var locale =
        new Locale(
            map.take("language").map(YamlValue::text).orElse(standard.language()),
            map.take("keyboard").map(YamlValue::text).orElse(standard.keyboard()),
            map.take("timezone").map(YamlValue::text).orElse(standard.timezone()));
    var kickstart =
        new Kickstart(
            locale,
            map.take("packages").map(v -> v.each(YamlValue::text)).orElse(List.of()),
            map.take("kernel").map(v -> v.each(YamlValue::text)).orElse(List.of()));
    map.end();
    try {
      io.kindling.ksgen.kickstart.Kickstart.check(locale, kickstart.kernel(), kickstart.packages());
    } catch (LayoutException e) {
      throw map.wrong(e.error().id() + " " + e.detail());
    }
    return kickstart;
  }

  private static Storage storage(YamlMap map) {
    String images = map.take("images").map(v -> v.oneOf("ceph", "file")).orElse("ceph");
    List<String> volumes =
        map.take("volumes").map(v -> v.each(x -> x.oneOf("ceph", "lvm"))).orElse(List.of("ceph"));
    String ephemeral = map.take("ephemeral").map(v -> v.oneOf("ceph", "local")).orElse("ceph");
    String objects = map.take("objects").map(v -> v.oneOf("ceph", "none")).orElse("ceph");
    int replicas = map.take("replicas").map(v -> v.number(1, 10)).orElse(3);
    YamlMap ceph = map.takeMap("ceph");
    String from = ceph.take("from").map(v -> v.oneOf("debian")).orElse("debian");
    ceph.end();
    map.end();
    return new Storage(images, volumes, ephemeral, objects, replicas, from);
  }

  private NodeRule rule(YamlValue entry, Map<String, Network> networks, String release) {
    YamlMap map = entry.map();
    YamlValue matchValue = map.require("match");
    Match match = match(matchValue);
    Optional<YamlValue> nameValue = map.take("name");
    Optional<String> name = nameValue.map(ClusterParser::name);
    if (name.isPresent() && match instanceof Match.Label) {
      throw nameValue.get().wrong("a rule for a label can match many nodes: it cannot name them");
    }
    Set<Role> roles = new LinkedHashSet<>();
    for (YamlValue role : map.require("roles").listOrOne()) {
      roles.add(
          Role.of(role.text())
              .orElseThrow(
                  () -> role.wrong("unknown role `" + role.text() + "`; known: " + roleNames())));
    }
    if (roles.isEmpty()) {
      throw map.wrong("`roles` is empty");
    }
    List<InterfaceRule> interfaces = new InterfacesParser(networks).read(map.takeMap("interfaces"));
    List<DiskRule> disks =
        map.take("disks")
            .map(v -> v.list().stream().map(ClusterParser::diskRule).toList())
            .orElse(List.of());
    boolean kexec = map.take("enter").map(v -> kexec(v, release)).orElse(false);
    map.end();
    if (interfaces.isEmpty()) {
      for (Network network : networks.values()) {
        if (network.nodes().isPresent()
            && network.vlan().isEmpty()
            && !network.name().equals(Cluster.MANAGEMENT)) {
          throw map.wrong(
              "the network `"
                  + network.name()
                  + "` has no vlan: say with `interfaces:` which NIC carries it");
        }
      }
    }
    return new NodeRule(match, name, roles, interfaces, disks, kexec, map.line());
  }

  private static boolean kexec(YamlValue value, String release) {
    boolean kexec = value.oneOf("firmware", "kexec").equals("kexec");
    if (kexec && !release.equals(DEBIAN)) {
      throw value.wrong(
          "the bootstrap's kernel enters " + DEBIAN + " by kexec, not `" + release + "`");
    }
    return kexec;
  }

  private static DiskRule diskRule(YamlValue entry) {
    try {
      return DiskRule.of(entry.map().plain());
    } catch (LayoutException e) {
      throw entry.wrong(e.error().id() + " " + e.detail());
    }
  }

  private static Match match(YamlValue value) {
    YamlMap map = value.map();
    Optional<YamlValue> mac = map.take("mac");
    Optional<YamlValue> label = map.take("label");
    Optional<YamlValue> name = map.take("name");
    map.end();
    long given = List.of(mac, label, name).stream().filter(Optional::isPresent).count();
    if (given != 1) {
      throw value.wrong("`match` needs exactly one of mac, label, name");
    }
    if (mac.isPresent()) {
      return new Match.Mac(mac(mac.get()));
    }
    if (label.isPresent()) {
      return new Match.Label(label.get().text(LABEL, "a label of letters, digits, . _ -"));
    }
    return new Match.Name(name(name.orElseThrow()));
  }

  /// One name for two nodes, or one machine in two rules, is a mistake.
  private static void checkTwice(List<NodeRule> nodes, YamlValue list) {
    Map<String, Integer> names = new HashMap<>();
    Map<Match, Integer> matches = new LinkedHashMap<>();
    List<YamlValue> entries = list.list();
    for (int i = 0; i < nodes.size(); i++) {
      NodeRule rule = nodes.get(i);
      YamlValue at = entries.get(i);
      if (rule.name().isPresent()) {
        Integer before = names.putIfAbsent(rule.name().get(), rule.line());
        if (before != null) {
          throw at.wrong(
              "the name `" + rule.name().get() + "` is given twice, first in line " + before);
        }
      }
      Integer before = matches.putIfAbsent(rule.match(), rule.line());
      if (before != null) {
        throw at.wrong("`" + rule.match().text() + "` has two rules, first in line " + before);
      }
    }
  }

  private static String name(YamlValue value) {
    return value.text(NAME, "a name of lower-case letters, digits and dashes");
  }

  static String mac(YamlValue value) {
    return HardwareAddress.parse(value.text())
        .map(HardwareAddress::text)
        .orElseThrow(() ->
            value.wrong("expected a MAC such as 52:54:00:00:00:01, not `" + value.text() + "`"));
  }

  private static String roleNames() {
    return String.join(", ", java.util.Arrays.stream(Role.values()).map(Role::label).toList());
  }
}
