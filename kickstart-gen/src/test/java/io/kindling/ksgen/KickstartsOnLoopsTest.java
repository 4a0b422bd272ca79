package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Firmware;
import io.kindling.ksgen.kickstart.Kickstart;
import io.kindling.ksgen.kickstart.NetworkDevice;
import io.kindling.ksgen.kickstart.Release;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the first script of a kickstart writes on real block devices, and what pykickstart's
/// validator says of every kickstart with that part in its place. The validator is no part of this
/// project: `$KSVALIDATOR` names it where there is one.
@Tag("rack")
class KickstartsOnLoopsTest {

  private static final long GIB = 1L << 30;

  /// What the script may use and lorax leaves in the installers' images of EL 9 and 10
  /// (runtime-cleanup.tmpl): no blkdiscard, no cksum, base64, install, timeout or nohup.
  private static final String ANACONDAS =
      "sfdisk wipefs blkid blockdev flock partx readlink sed tr sort dd od md5sum head tail grep"
          + " cut cat mv rm mkdir sleep mdadm curl sh chmod sync uniq wc lsblk udevadm";

  @TempDir private Path dir;
  private LoopDisks loops;

  @BeforeEach
  void attach() {
    loops = new LoopDisks(dir);
  }

  @AfterEach
  void detach() {
    loops.close();
  }

  @Test
  void theIncludeNamesTheDevicesThatTheMachineHas() throws Exception {
    String a = loops.loop("a", 7 * GIB).name();
    String b = loops.loop("b", 4 * GIB).name();
    DiskPlan plan =
        KickstartRequests.plan(
            Set.of(Role.CEPH_OSD),
            List.of(a + "=os:all"),
            KickstartRequests.disk(a, 7 * GIB),
            KickstartRequests.disk(b, 4 * GIB));
    var request = KickstartRequests.of(Release.ROCKY_9, plan, Firmware.UEFI, network("static"));
    String include = include(Kickstart.render(request), "uefi");
    String root = plan.groups().getFirst().volumes().getFirst().fileSystemId();
    assertThat(include.replace(a, "DISK"))
        .startsWith(
            """
            ignoredisk --only-use=DISK
            clearpart --none
            bootloader --location=mbr --leavebootorder --timeout=2 \
            --append='console=tty0 console=ttyS0,115200n8 mitigations=auto,nosmt' --boot-drive=DISK
            """)
        .contains("part /boot/efi --fstype=efi --mkfsoptions='-F 32 -i ")
        .contains(" --onpart=DISKp2\n")
        .contains("part pv.1 --onpart=DISKp4\nvolgroup os --pesize=4096 pv.1\n")
        .contains("logvol / --vgname=os --name=root --size=")
        .contains("--mkfsoptions='-U " + root + "'");
    assertThat(include).doesNotContain(b).doesNotContain("zerombr");
  }

  @Test
  void aMirroredSystemIsMadeOfMembersOnBothDisks() throws Exception {
    String a = loops.loop("a", 7 * GIB).name();
    String b = loops.loop("b", 7 * GIB).name();
    DiskPlan plan = mirror(1, a, b, 7 * GIB);
    String uefi =
        include(
            Kickstart.render(
                KickstartRequests.of(Release.ALMA_10, plan, Firmware.UEFI, network("bond"))),
            "uefi");
    assertThat(uefi)
        .contains("ignoredisk --only-use=" + a + "," + b + "\n", "--boot-drive=" + a + "\n")
        .contains("part raid.1 --onpart=" + a + "p2\n", "part raid.6 --onpart=" + b + "p4\n")
        .contains("raid /boot/efi --device=esp --level=RAID1 --fstype=efi")
        .contains(
            "raid pv.1 --device=pv-os --level=RAID1 raid.3 raid.6\n"
                + "volgroup os --pesize=4096 pv.1\n");
    String bios =
        include(
            Kickstart.render(
                KickstartRequests.of(Release.ALMA_10, plan, Firmware.BIOS, network("bond"))),
            "bios");
    assertThat(bios).doesNotContain("/boot/efi").contains("raid /boot --device=boot");
  }

  @Test
  void whatIsKeptIsMountedAndNeverFormatted() throws Exception {
    String a = loops.loop("a", 16 * GIB).name();
    LoopDisks.Loop data = loops.loop("kept", 3 * GIB);
    DiskPlan plan = kept(1, a, data);
    List<Long> sums = LoopPlans.sums(data);
    String include =
        include(
            Kickstart.render(
                KickstartRequests.of(Release.ROCKY_9, plan, Firmware.BIOS, network("static"))),
            "bios");
    assertThat(include)
        .contains("ignoredisk --only-use=" + a + "," + data.name() + "\n")
        .contains("part /srv/data --noformat --onpart=" + data.name() + "p7\n")
        .doesNotContain(data.name() + "p3", data.name() + "p9");
    assertThat(LoopPlans.sums(data)).isEqualTo(sums);
  }

  @Test
  void theFirstScriptNeedsOnlyWhatAnacondasImagesHave() throws Exception {
    String a = loops.loop("a", 7 * GIB).name();
    DiskPlan plan =
        KickstartRequests.plan(Set.of(Role.BASE), List.of(), KickstartRequests.disk(a, 7 * GIB));
    Path tools = Files.createDirectory(dir.resolve("tools"));
    for (String tool : ANACONDAS.split(" ")) {
      Path program = Path.of(LoopDisks.ok("sh", "-c", "command -v " + tool).strip());
      Path wrapper =
          Files.writeString(tools.resolve(tool), "#!/bin/sh\nexec " + program + " \"$@\"\n");
      assertThat(wrapper.toFile().setExecutable(true)).isTrue();
    }
    String text =
        Kickstart.render(
                KickstartRequests.of(Release.ROCKY_10, plan, Firmware.UEFI, network("static")))
            .replace("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "PATH=" + tools);
    assertThat(include(text, "uefi")).contains("volgroup os");
  }

  @Test
  void aMachineBootedByOtherFirmwareOrWithAnotherDiskTellsWhyAndWritesNothing() throws Exception {
    String a = loops.loop("a", 7 * GIB).name();
    DiskPlan plan =
        KickstartRequests.plan(Set.of(Role.BASE), List.of(), KickstartRequests.disk(a, 7 * GIB));
    String text =
        Kickstart.render(
            KickstartRequests.of(Release.ROCKY_9, plan, Firmware.UEFI, network("static")));
    Ran other = pre(text, "bios");
    assertThat(other.code()).isEqualTo(12);
    assertThat(other.reported())
        .contains("POST http://10.20.0.1/agent/v1/installer/failed")
        .contains("KSG-162 the machine was inventoried with uefi firmware");
    DiskPlan swapped =
        KickstartRequests.plan(Set.of(Role.BASE), List.of(), KickstartRequests.disk(a, 8 * GIB));
    Ran refused =
        pre(
            Kickstart.render(
                KickstartRequests.of(Release.ROCKY_9, swapped, Firmware.UEFI, network("static"))),
            "uefi");
    assertThat(refused.code()).isEqualTo(10);
    assertThat(refused.reported()).contains("KSG-103 disk " + a + ": expected 8589934592 bytes");
    assertThat(dir.resolve("storage.ks")).doesNotExist();
  }

  @Test
  void theInstalledSystemsLookFindsALostTypeAndSetsItAgain() throws Exception {
    String a = loops.loop("a", 7 * GIB).name();
    String b = loops.loop("b", 4 * GIB).name();
    DiskPlan plan =
        KickstartRequests.plan(
            Set.of(Role.CEPH_OSD),
            List.of(a + "=os:all"),
            KickstartRequests.disk(a, 7 * GIB),
            KickstartRequests.disk(b, 4 * GIB));
    String text =
        Kickstart.render(
            KickstartRequests.of(Release.ROCKY_9, plan, Firmware.UEFI, network("static")));
    include(text, "uefi");
    String look =
        KickstartText.section(text, "%post").replace("\nmain </dev/null", "\nmarked look_at");
    assertThat(sh(look).out()).doesNotContain("becomes");
    LoopDisks.ok("sfdisk", "-q", "--no-reread", "--part-type", "/dev/" + b, "2", "linux");
    assertThat(sh(look).out()).contains("becomes 4fbd7e29-9d25-41b8-afd0-062c0ceff05d again");
    assertThat(sh(look).out()).doesNotContain("becomes");
    LoopDisks.ok(
        "sfdisk",
        "-q",
        "--no-reread",
        "--part-uuid",
        "/dev/" + b,
        "2",
        "00000000-0000-4000-8000-00000000dead");
    LoopDisks.Result lost = sh(look);
    assertThat(lost.code()).isEqualTo(1);
    assertThat(lost.out()).contains("KINDLING-ERROR KSG-163 /dev/" + b + ", partition 2");
  }

  @Test
  void theValidatorTakesEveryReleaseRoleNetworkFirmwareAndDiskLayout() throws Exception {
    String validator = System.getenv("KSVALIDATOR");
    assumeTrue(validator != null, "no $KSVALIDATOR");
    String a = loops.loop("a", 16 * GIB).name();
    String b = loops.loop("b", 16 * GIB).name();
    String c = loops.loop("c", 4 * GIB).name();
    LoopDisks.Loop kept = loops.loop("kept", 3 * GIB);
    var includes = new HashMap<String, String>();
    var files = new HashMap<Integer, List<String>>();
    for (var layout : layouts(a, b, c, kept).entrySet()) {
      for (Firmware firmware : List.of(Firmware.BIOS, Firmware.UEFI)) {
        for (Release release : Release.values()) {
          for (var shape : KickstartRequests.networks().entrySet()) {
            String text =
                Kickstart.render(
                    KickstartRequests.of(release, layout.getValue(), firmware, shape.getValue()));
            String written =
                includes.computeIfAbsent(
                    KickstartText.section(text, "%pre"),
                    pre -> includeOf(pre, firmware == Firmware.BIOS ? "bios" : "uefi"));
            Path file =
                dir.resolve(
                    String.join(
                            "-", release.label(), layout.getKey(), shape.getKey(), "" + firmware)
                        + ".ks");
            Files.writeString(file, KickstartText.expanded(text, written));
            files.computeIfAbsent(release.major(), m -> new ArrayList<>()).add(file.toString());
          }
        }
      }
    }
    int all = 0;
    for (var entry : files.entrySet()) {
      var words = new ArrayList<>(List.of(validator.split(" ")));
      words.addAll(List.of("-v", "RHEL" + entry.getKey()));
      words.addAll(entry.getValue());
      String out = LoopDisks.ok(words.toArray(String[]::new));
      String said = out.replaceAll("(?m)^Checking kickstart file .*$", "").strip();
      assertThat(said).isEmpty();
      all += entry.getValue().size();
    }
    System.out.println(
        all + " kickstarts, " + includes.size() + " includes written on disks, all valid");
  }

  private Map<String, DiskPlan> layouts(String a, String b, String c, LoopDisks.Loop kept) {
    var layouts = new LinkedHashMap<String, DiskPlan>();
    Facts.Disk[] disks = {
      KickstartRequests.disk(a, 16 * GIB),
      KickstartRequests.disk(b, 16 * GIB),
      KickstartRequests.disk(c, 4 * GIB)
    };
    layouts.put(
        "base", KickstartRequests.plan(1, Set.of(Role.BASE), List.of(a + "=os:all"), disks));
    layouts.put(
        "osd", KickstartRequests.plan(2, Set.of(Role.CEPH_OSD), List.of(a + "=os:all"), disks));
    layouts.put(
        "journal",
        KickstartRequests.plan(
            3,
            Set.of(Role.CEPH_OSD, Role.BASE),
            List.of(a + "=os:all", c + "=cephjournal:all"),
            disks));
    layouts.put(
        "compute", KickstartRequests.plan(4, Set.of(Role.COMPUTE), List.of(), disks[0], disks[1]));
    layouts.put("mirror", mirror(5, a, b, 16 * GIB));
    layouts.put("kept", kept(6, a, kept));
    return layouts;
  }

  private static DiskPlan mirror(int attempt, String a, String b, long bytes) {
    return KickstartRequests.ruled(
        attempt,
        Set.of(Role.BASE),
        List.of(DiskRule.of(Map.of("media", "hdd", "count", 2, "use", Map.of("os", "mirror")))),
        KickstartRequests.disk(a, bytes),
        KickstartRequests.disk(b, bytes));
  }

  /// The system on one disk; another with data that stays and is mounted.
  private static DiskPlan kept(int attempt, String a, LoopDisks.Loop loop) {
    LoopPlans.fill(loop);
    DiskPlan base =
        KickstartRequests.plan(
            attempt, Set.of(Role.BASE), List.of(), KickstartRequests.disk(a, 16 * GIB));
    DiskPlan.PlannedDisk other = LoopPlans.kept(attempt, loop);
    var partitions = new ArrayList<DiskPlan.PlannedPartition>();
    for (var p : other.partitions()) {
      boolean data = p.label().equals("mine");
      if (data || p.use() == DiskPlan.Use.OTHER || p.use() == DiskPlan.Use.CEPH_OSD) {
        partitions.add(
            new DiskPlan.PlannedPartition(
                p.number(),
                p.label(),
                data ? DiskPlan.Use.FILE_SYSTEM : p.use(),
                p.type(),
                p.guid(),
                p.startMib(),
                p.sizeMib(),
                data ? "/srv/data" : null,
                data ? "ext4" : null,
                null,
                null,
                p.kept()));
      }
    }
    return new DiskPlan(
        base.nodeId(),
        attempt,
        List.of(
            base.disks().getFirst(),
            new DiskPlan.PlannedDisk(
                other.id(),
                other.name(),
                other.links(),
                other.sizeBytes(),
                null,
                null,
                other.guid(),
                true,
                partitions)),
        List.of(),
        base.groups(),
        Map.of());
  }

  private static List<NetworkDevice> network(String shape) {
    return java.util.Objects.requireNonNull(KickstartRequests.networks().get(shape));
  }

  private record Ran(int code, String out, String reported) {}

  private String includeOf(String pre, String booted) {
    try {
      return written(run(pre, booted));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private String include(String kickstart, String booted) throws Exception {
    return written(pre(kickstart, booted));
  }

  private String written(Ran ran) throws Exception {
    assertThat(ran.code()).as(ran.out()).isZero();
    assertThat(ran.reported()).isEmpty();
    return Files.readString(dir.resolve("storage.ks"));
  }

  private Ran pre(String kickstart, String booted) throws Exception {
    return run(KickstartText.section(kickstart, "%pre"), booted);
  }

  /// The first script as a machine would run it; what it would tell the appliance lands in a file.
  private Ran run(String section, String booted) throws Exception {
    Path log = dir.resolve("pre.log");
    Path reports = dir.resolve("reports");
    Files.deleteIfExists(reports);
    Files.deleteIfExists(dir.resolve("storage.ks"));
    Path firmware = dir.resolve("firmware");
    Files.createDirectories(firmware);
    String script =
        "curl() { shift 12; }\n"
            + "hand_in() { { echo \"$1 $AGENT/$2\"; cat \"$3\"; } >>"
            + reports
            + "; }\n"
            + section
                .replaceAll("(?s)\nhand_in\\(\\) \\{.*?\n\\}\n", "\n")
                .replace("/sys/firmware/efi", booted.equals("uefi") ? firmware.toString() : "/none")
                .replace("/tmp/kindling-pre.log", log.toString())
                .replace("/tmp/kindling-partition.sh", dir.resolve("partition.sh").toString())
                .replace(Kickstart.INCLUDE, dir.resolve("storage.ks").toString());
    Path file = Files.writeString(dir.resolve("pre.sh"), script);
    Process process =
        new ProcessBuilder("dash", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process.getOutputStream().close();
    int code = process.waitFor();
    return new Ran(
        code, Files.readString(log), Files.exists(reports) ? Files.readString(reports) : "");
  }

  private LoopDisks.Result sh(String script) throws Exception {
    Path file = Files.writeString(dir.resolve("post.sh"), "curl() { :; }\n" + script);
    return LoopDisks.run("dash", file.toString());
  }
}
