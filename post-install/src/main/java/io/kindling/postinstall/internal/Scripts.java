package io.kindling.postinstall.internal;

import io.kindling.ksgen.DiskPlan;
import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.ssh.Shell;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The scripts that run on nodes: a header with the plan's values, each quoted, then the resource
/// files. Pure.
final class Scripts {

  /// Where the installed system is mounted while it is installed.
  static final String TARGET = "/target";

  /// Where the plan's partition script lies on the node.
  static final String PARTITION_SCRIPT = "/run/kindling/partition.sh";

  private Scripts() {}

  /// The text of a resource beside this class.
  static String resource(String name) {
    return Resources.text(Scripts.class, name);
  }

  /// @param until how far: `check`, `wipe`, `partitions`, `filesystems`
  static String partition(InstallPlan plan, String until) {
    return script(
        plan,
        Map.of("SCRIPT", PARTITION_SCRIPT, "UNTIL", until, "SCRIPT_SUM", Hash.of(plan.script())),
        "partition.sh");
  }

  static String image(InstallPlan plan) {
    InstallPlan.Image image = Objects.requireNonNull(plan.image());
    return script(
        plan,
        Map.of(
            "URL",
            image.url(),
            "SHA256",
            image.sha256(),
            "BYTES",
            "" + image.bytes(),
            "STAMP",
            image.sha256() + " " + plan.node() + " " + plan.attempt()),
        "image.sh");
  }

  static String bootLoader(InstallPlan plan) {
    DiskPlan.Mount root = mount(plan, "/");
    DiskPlan.Mount boot =
        plan.disks().mounts().stream()
            .filter(m -> m.mount().equals("/boot"))
            .findFirst()
            .orElse(root);
    return script(
        plan,
        Map.of(
            "FSTAB", SystemFiles.fstab(plan.disks()),
            "MDADM", SystemFiles.mdadm(plan.disks()),
            "GRUB_DEFAULTS", SystemFiles.grubDefaults(plan.system().consoles()),
            "BOOT_ID", boot.fileSystemId(),
            "BOOT_PREFIX", boot == root ? "/boot/grub" : "/grub",
            "LABEL", "Kindling " + plan.system().hostName()),
        "boot-loader.sh");
  }

  static String configure(InstallPlan plan) {
    String files =
        SystemFiles.node(plan).entrySet().stream()
            .map(f -> "write 0644 " + Shell.quote(f.getKey()) + " " + Shell.quote(f.getValue()))
            .collect(Collectors.joining("\n", "write_files() {\n", "\n}\n"));
    return header(
            plan, Map.of("USER_", plan.system().adminUser(), "KEY", plan.system().adminPublicKey()))
        + files
        + resource("lib.sh")
        + resource("configure.sh");
  }

  /// Restarts the bootstrap into what the node's boot answer is by now.
  static String restart(InstallPlan plan) {
    return script(plan, Map.of(), "restart.sh");
  }

  static String reboot(InstallPlan plan) {
    return script(plan, Map.of("ENTRY", plan.entry().name().toLowerCase(Locale.ROOT)), "reboot.sh");
  }

  /// @param oldBootId the bootstrap's boot id, empty where unknown
  static String verify(InstallPlan plan, String oldBootId) {
    String partitions =
        plan.disks().disks().stream()
            .flatMap(d -> d.partitions().stream())
            .filter(p -> p.use().ceph())
            .map(p -> p.guid() + " " + p.type())
            .collect(Collectors.joining("\n"));
    return script(
        plan,
        Map.of(
            "OLD_BOOT_ID", oldBootId,
            "ROOT_ID", mount(plan, "/").fileSystemId(),
            "PARTITIONS", partitions),
        "verify.sh");
  }

  private static String script(InstallPlan plan, Map<String, String> values, String body) {
    return header(plan, values) + resource("lib.sh") + resource(body);
  }

  private static String header(InstallPlan plan, Map<String, String> values) {
    DiskPlan disks = plan.disks();
    var all = new LinkedHashMap<String, String>();
    all.put("TARGET", TARGET);
    all.put("NODE", plan.node().toString());
    all.put("ATTEMPT", "" + plan.attempt());
    all.put(
        "MOUNTS",
        disks.madeMounts().stream()
            .map(m -> m.fileSystemId() + " " + m.fileSystem() + " " + m.mount())
            .collect(Collectors.joining("\n")));
    all.put(
        "ARRAYS",
        disks.arrays().stream()
            .map(a -> SystemFiles.mdadmId(a.id()) + " " + a.name())
            .collect(Collectors.joining("\n")));
    all.put(
        "GROUPS_",
        disks.groups().stream()
            .filter(g -> !g.keep())
            .map(DiskPlan.VolumeGroup::name)
            .collect(Collectors.joining("\n")));
    all.put(
        "ESPS",
        disks.disks().stream()
            .flatMap(d ->
                d.partitions().stream()
                    .flatMap(p -> esp(disks, p).map(id -> id + " " + d.guid() + " " + p.number())))
            .collect(Collectors.joining("\n")));
    all.put(
        "BIOS",
        disks.disks().stream()
            .filter(DiskPlan.PlannedDisk::biosBoot)
            .map(d -> d.guid().toString())
            .collect(Collectors.joining("\n")));
    values.entrySet().stream()
        .sorted(Map.Entry.comparingByKey()) // the same plan makes the same script
        .forEach(e -> all.put(e.getKey(), e.getValue()));
    return all.entrySet().stream()
        .map(e -> e.getKey() + "=" + Shell.quote(e.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  /// The serial of the FAT that an EFI system partition holds, alone or as a member of an array.
  private static Stream<String> esp(DiskPlan disks, DiskPlan.PlannedPartition p) {
    return switch (p.use()) {
      case ESP -> Stream.ofNullable(p.fileSystemId());
      case ESP_MEMBER ->
          disks.arrays().stream()
              .filter(a -> a.members().contains(p.guid()))
              .map(DiskPlan.RaidArray::fileSystemId)
              .filter(Objects::nonNull);
      default -> Stream.empty();
    };
  }

  private static DiskPlan.Mount mount(InstallPlan plan, String place) {
    return plan.disks().mounts().stream()
        .filter(m -> m.mount().equals(place))
        .findFirst()
        .orElseThrow(() -> new BadValue("the layout", "without a file system for " + place));
  }
}
