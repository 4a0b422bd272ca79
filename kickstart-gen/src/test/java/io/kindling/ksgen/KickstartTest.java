package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Firmware;
import io.kindling.ksgen.kickstart.Kickstart;
import io.kindling.ksgen.kickstart.KickstartRequest;
import io.kindling.ksgen.kickstart.KickstartRequest.Appliance;
import io.kindling.ksgen.kickstart.KickstartRequest.Host;
import io.kindling.ksgen.kickstart.KickstartRequest.Locale;
import io.kindling.ksgen.kickstart.KickstartRequest.Repository;
import io.kindling.ksgen.kickstart.NetworkDevice;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Bond;
import io.kindling.ksgen.kickstart.NetworkDevice.Bridge;
import io.kindling.ksgen.kickstart.NetworkDevice.Mode;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import io.kindling.ksgen.kickstart.Release;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KickstartTest {

  private static final List<String> HOSTILE =
      List.of(
          "it's",
          "$(touch pwned)",
          "`touch pwned`",
          "a\"b",
          "{{ 7 * 7 }}",
          "{% raw %}",
          "\\",
          "a;b&c|d",
          "é\u202e日本",
          "-n",
          "a  b",
          "*",
          "#",
          "'; touch pwned; '",
          "%end",
          "KINDLING_END",
          "|",
          "%include /etc/passwd",
          "x %end");

  /// What ends a line for Python, in front of what would end a section.
  private static final List<String> LINES =
      List.of(
          "\n", "\r", "\u000b", "\f", "\u001c", "\u001d", "\u001e", "\u0085", "\u2028", "\u2029",
          "\0");

  @TempDir private Path dir;

  private static DiskPlan plan() {
    return KickstartRequests.plan(
        Set.of(Role.CEPH_OSD),
        List.of("sda=os:all"),
        KickstartRequests.disk("sda", 20L << 30),
        KickstartRequests.disk("sdb", 20L << 30));
  }

  /// A compute node's `vm` group on its second disk, made by an earlier attempt and kept.
  private static DiskPlan keptGroup() {
    DiskPlan made =
        KickstartRequests.plan(
            Set.of(Role.COMPUTE),
            List.of("sda=os:all", "sdb=vm:all"),
            KickstartRequests.disk("sda", 20L << 30),
            KickstartRequests.disk("sdb", 20L << 30));
    DiskPlan.PlannedDisk second = made.disks().getLast();
    var kept =
        second.partitions().stream()
            .filter(p -> "vm".equals(p.volumeGroup()))
            .map(p ->
                new DiskPlan.PlannedPartition(
                    p.number(),
                    p.label(),
                    p.use(),
                    p.type(),
                    p.guid(),
                    p.startMib(),
                    p.sizeMib(),
                    p.mount(),
                    p.fileSystem(),
                    p.fileSystemId(),
                    p.volumeGroup(),
                    new DiskPlan.Extent(p.startMib() << 20, p.sizeMib() << 20)))
            .toList();
    return new DiskPlan(
        made.nodeId(),
        2,
        List.of(
            made.disks().getFirst(),
            new DiskPlan.PlannedDisk(
                second.id(),
                second.name(),
                second.links(),
                second.sizeBytes(),
                null,
                null,
                second.guid(),
                true,
                kept)),
        List.of(),
        made.groups().stream()
            .map(g -> new DiskPlan.VolumeGroup(g.name(), g.name().equals("vm"), g.volumes()))
            .toList(),
        Map.of());
  }

  @Test
  void aKeptGroupIsMountedAsItIsAndItsDiskIsLookedAt() {
    for (Release release : Release.values()) {
      String text =
          Kickstart.render(
              KickstartRequests.of(release, keptGroup(), Firmware.UEFI, network("static")));
      assertThat(text)
          .contains("volgroup os --pesize=4096 pv.")
          .contains("volgroup vm --useexisting --noformat")
          .containsPattern("logvol /var/lib/nova --vgname=vm --name=\\S+ --useexisting --noformat")
          .doesNotContainPattern("logvol /var/lib/nova [^\n]*--size");
      assertThat(text.split("part pv\\.", -1)).as(text).hasSize(2);
    }
  }

  private static KickstartRequest request() {
    return KickstartRequests.of(Release.ROCKY_9, plan(), Firmware.UEFI, network("vlansOnBond"));
  }

  private static List<NetworkDevice> network(String shape) {
    return java.util.Objects.requireNonNull(KickstartRequests.networks().get(shape));
  }

  @Test
  void theSameRequestGivesTheSameBytes() {
    assertThat(Kickstart.render(request())).isEqualTo(Kickstart.render(request()));
  }

  @Test
  void everyCommandThatAnUnattendedInstallationNeedsIsThere() {
    assertThat(Kickstart.render(request()))
        .contains(
            "\ntext --non-interactive\n",
            "\nlang en_US.UTF-8\n",
            "\nkeyboard --vckeymap=us\n",
            "\ntimezone Etc/UTC --utc\n",
            "\ntimesource --ntp-server=10.20.0.1\ntimesource --ntp-server=ntp.rack1.example\n",
            "\nurl --url=http://10.20.0.1/releases/rocky-9.4\n",
            "\nnetwork --hostname=node-1.rack1.example\n",
            "\nrootpw --lock\n",
            "\nuser --name=kindling --groups=wheel --gecos=Kindling --iscrypted --password='*'\n",
            "\nsshkey --username=kindling '" + KickstartRequests.KEY + "'\n",
            "\nselinux --enforcing\n",
            "\nfirewall --enabled --service=ssh\n",
            "\n%include /tmp/kindling-storage.ks\n",
            "\ntmux\n@standard\n-plymouth\n%end\n",
            "\n%addon com_redhat_kdump --disable\n%end\n")
        .doesNotContain("zerombr", "{{", "{%");
  }

  @Test
  void theOnlySecretIsTheAttemptsToken() {
    assertThat(Kickstart.render(request()))
        .contains("TOKEN='dG9rZW4'\n")
        .doesNotContainIgnoringCase("private")
        .doesNotContain("BEGIN OPENSSH");
  }

  @Test
  void whatEndsALineForTheParserIsKeptOutOfAMachinesValues() {
    for (String end : LINES) {
      String text = "x" + end + "%end";
      Facts.Disk odd = disk(text);
      DiskPlan plan = KickstartRequests.plan(Set.of(Role.BASE), List.of(), odd);
      String kickstart =
          Kickstart.render(
              KickstartRequests.of(Release.ROCKY_9, plan, Firmware.UEFI, network("static")));
      assertThat(kickstart).as("%04x", (int) end.charAt(0)).doesNotContain(text);
      assertThat(kickstart.lines().filter(l -> l.contains("%end"))).hasSize(5);
    }
  }

  @Test
  void hostileTextOfAMachineStaysDataInTheScripts() throws Exception {
    for (String hostile : HOSTILE) {
      DiskPlan plan = KickstartRequests.plan(Set.of(Role.BASE), List.of(), disk(hostile));
      String text =
          Kickstart.render(
              KickstartRequests.of(Release.ROCKY_9, plan, Firmware.UEFI, network("static")));
      assertThat(text.lines().filter(l -> l.strip().equals("%end"))).hasSize(5);
      String script =
          KickstartText.section(text, "%pre")
              .replace("/tmp/kindling-partition.sh", dir.resolve("partition.sh").toString())
              .replaceAll("(?s)\nset -- --until.*", "\n")
              .replace("trap 'ended", "# '");
      Path file = Files.writeString(dir.resolve("pre.sh"), script);
      assertThat(LoopDisks.ok("dash", file.toString())).isEmpty();
      assertThat(Files.readString(dir.resolve("partition.sh")))
          .isEqualTo(PartitionScript.render(plan));
      assertThat(dir.resolve("pwned")).doesNotExist();
    }
  }

  @Test
  void theValidatorTakesKickstartsOfHostileMachinesToo() throws Exception {
    String validator = System.getenv("KSVALIDATOR");
    assumeTrue(validator != null, "no $KSVALIDATOR");
    for (Release release : List.of(Release.ROCKY_9, Release.ROCKY_10)) {
      var words = new ArrayList<>(List.of(validator.split(" ")));
      words.addAll(List.of("-v", "RHEL" + release.major()));
      for (int i = 0; i < HOSTILE.size(); i++) {
        DiskPlan plan = KickstartRequests.plan(Set.of(Role.BASE), List.of(), disk(HOSTILE.get(i)));
        String text =
            Kickstart.render(KickstartRequests.of(release, plan, Firmware.UEFI, network("static")));
        words.add(
            Files.writeString(dir.resolve(release.major() + "-" + i + ".ks"), text).toString());
      }
      String out = LoopDisks.ok(words.toArray(String[]::new));
      assertThat(out.replaceAll("(?m)^Checking kickstart file .*$", "").strip()).isEmpty();
    }
  }

  @Test
  void aHostileValueOfAnOperatorIsRefusedByName() {
    var hostile = new ArrayList<>(HOSTILE);
    LINES.forEach(end -> hostile.add("a" + end + "%end"));
    hostile.removeAll(List.of("#", "*", "|", "\\", "KINDLING_END"));
    for (String text : hostile) {
      for (Host host :
          List.of(
              host(
                  text,
                  "d.example",
                  "kindling",
                  KickstartRequests.KEY,
                  Locale.STANDARD,
                  "quiet",
                  "tmux"),
              host("n", text, "kindling", KickstartRequests.KEY, Locale.STANDARD, "quiet", "tmux"),
              host("n", "d", text, KickstartRequests.KEY, Locale.STANDARD, "quiet", "tmux"),
              host("n", "d", "kindling", "ssh-ed25519 AAAA\n" + text, Locale.STANDARD, "q", "t"),
              host("n", "d", "k", KickstartRequests.KEY, new Locale(text, "us", "UTC"), "q", "t"),
              host(
                  "n", "d", "k", KickstartRequests.KEY, new Locale("en_US", text, "UTC"), "q", "t"),
              host("n", "d", "k", KickstartRequests.KEY, new Locale("en_US", "us", text), "q", "t"),
              host("n", "d", "k", KickstartRequests.KEY, Locale.STANDARD, text + " ", "t"),
              host("n", "d", "k", KickstartRequests.KEY, Locale.STANDARD, "q", text + " "))) {
        refused(with(host));
      }
      var appliance = request().appliance();
      refused(with(new Appliance("http://a/" + text + " ", List.of(), appliance.agent(), "t")));
      refused(with(new Appliance("http://a/", List.of(), "http://a/" + text + " ", "t")));
      refused(with(new Appliance("http://a/", List.of(), "http://a/", text + " ")));
      refused(
          with(
              new Appliance(
                  "http://a/", List.of(new Repository("B", text + " ")), "http://a/", "t")));
      refused(new Nic(text, "52:54:00:00:00:01", null, new Address("10.0.0.1/24", null)));
      refused(new Nic("nic0", text, null, new Address("10.0.0.1/24", null)));
      refused(new Nic("nic0", "52:54:00:00:00:01", null, new Address(text, null)));
      refused(new Nic("nic0", "52:54:00:00:00:01", null, new Address("10.0.0.1/24", text)));
    }
  }

  @Test
  void aNetworkThatCannotBeIsRefused() {
    Nic nic = new Nic("nic0", "52:54:00:00:00:01", null, null);
    Address at = new Address("10.0.0.1/24", null);
    refused();
    refused(nic);
    refused(nic, new Vlan("vlan5000", "nic0", 5000, null, at));
    refused(nic, new Vlan("vlan1", "nic1", 1, null, at));
    refused(nic, new Vlan("vlan1", "nic0", 1, 9000, at));
    refused(nic, new Vlan("vlan1", "nic0", 1, 500, at));
    refused(nic, new Bond("bond0", List.of(), Mode.LACP, null, at));
    refused(nic, new Bond("bond0", List.of("nic0", "nic0"), Mode.LACP, null, at));
    refused(
        nic,
        new Bond("bond0", List.of("nic0"), Mode.LACP, null, at),
        new Bridge("br0", List.of("nic0"), null, null));
    refused(
        new Nic("nic0", "52:54:00:00:00:01", null, at),
        new Bridge("br0", List.of("nic0"), null, at));
    refused(nic, new Nic("nic1", "52:54:00:00:00:01", null, at));
    refused(nic, nic);
  }

  @Test
  void keyfilesTieDevicesTogetherByTheirConnections() throws Exception {
    Path place = written("bridgesOnVlansOnBond");
    String bond = value(place, "bond0", "uuid");
    String bridge = value(place, "br-mgmt", "uuid");
    assertThat(read(place, "nic1"))
        .contains("mac-address=52:54:00:00:00:02\n", "master=" + bond + "\nslave-type=bond\n")
        .doesNotContain("[ipv4]");
    assertThat(read(place, "vlan101"))
        .contains("id=101\nparent=" + bond + "\n", "mtu=9000")
        .contains("master=" + bridge + "\nslave-type=bridge\n");
    assertThat(read(place, "br-mgmt"))
        .contains("address1=10.20.0.10/24,10.20.0.254\ndns=10.20.0.1;10.20.0.2;\n")
        .contains("dns-search=rack1.example;\n");
  }

  @Test
  void networkManagerItselfTakesEveryKeyfile() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/nmcli")), "nmcli is not installed");
    for (String shape : KickstartRequests.networks().keySet()) {
      Path place = written(shape);
      try (var files = Files.newDirectoryStream(place)) {
        for (Path file : files) {
          var offline =
              LoopDisks.run(
                  "sh",
                  "-c",
                  "nmcli --offline connection modify connection.autoconnect yes <" + file);
          assertThat(offline.code()).as("%s %s\n%s", shape, file, offline.out()).isZero();
          assertThat(offline.out()).contains("uuid=");
        }
      }
    }
  }

  /// The keyfiles as the last script writes them.
  private Path written(String shape) throws Exception {
    String text =
        Kickstart.render(
            KickstartRequests.of(Release.ROCKY_10, plan(), Firmware.UEFI, network(shape)));
    String script =
        KickstartText.section(text, "%post")
            .replace("\nmain </dev/null", "\nfiles")
            .replace("'/etc/", "'" + dir + "/" + shape + "/etc/");
    Path file = Files.writeString(dir.resolve("post.sh"), script);
    assertThat(LoopDisks.ok("dash", file.toString())).isEmpty();
    return dir.resolve(shape).resolve("etc/NetworkManager/system-connections");
  }

  private static String read(Path place, String device) throws Exception {
    return Files.readString(place.resolve(device + ".nmconnection"));
  }

  private static String value(Path place, String device, String key) throws Exception {
    return read(place, device)
        .lines()
        .filter(l -> l.startsWith(key + "="))
        .findFirst()
        .orElseThrow()
        .substring(key.length() + 1);
  }

  @Test
  void theSectionsPassShellcheck() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/shellcheck")), "shellcheck is not installed");
    String text = Kickstart.render(request());
    for (String section : List.of("%pre", "%post", "%onerror")) {
      Path file =
          Files.writeString(dir.resolve("section.sh"), KickstartText.section(text, section));
      assertThat(
              LoopDisks.run(
                      "shellcheck",
                      "-s",
                      "sh",
                      "-e",
                      "SC1091,SC2154,SC2317,SC2329",
                      file.toString())
                  .out())
          .isEmpty();
    }
  }

  private static Facts.Disk disk(String text) {
    return new Facts.Disk(
        "sda",
        "sda",
        "sda",
        List.of(),
        null,
        text,
        text,
        null,
        20L << 30,
        512,
        512,
        Facts.Media.HDD,
        "scsi",
        false,
        false,
        null,
        null,
        List.of());
  }

  private static Host host(
      String name,
      String domain,
      String user,
      String key,
      Locale locale,
      String kernel,
      String rpm) {
    return new Host(
        name, domain, List.of(), List.of(), user, key, locale, List.of(kernel), List.of(rpm));
  }

  private static KickstartRequest with(Host host) {
    var r = request();
    return new KickstartRequest(
        r.release(), r.disks(), r.firmware(), r.appliance(), host, r.network());
  }

  private static KickstartRequest with(Appliance appliance) {
    var r = request();
    return new KickstartRequest(
        r.release(), r.disks(), r.firmware(), appliance, r.host(), r.network());
  }

  private static void refused(NetworkDevice... devices) {
    refused(KickstartRequests.of(Release.ROCKY_9, plan(), Firmware.UEFI, List.of(devices)));
  }

  private static void refused(KickstartRequest request) {
    LayoutException refused =
        catchThrowableOfType(LayoutException.class, () -> Kickstart.render(request));
    assertThat(refused).isNotNull();
    assertThat(refused.error()).isEqualTo(LayoutError.KICKSTART_VALUE);
  }
}
