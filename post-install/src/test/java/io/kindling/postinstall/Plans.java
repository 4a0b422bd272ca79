package io.kindling.postinstall;

import io.kindling.inventory.facts.Facts.Firmware;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.LogicalVolume;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.DiskPlan.PlannedPartition;
import io.kindling.ksgen.DiskPlan.Use;
import io.kindling.ksgen.DiskPlan.VolumeGroup;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A node with an OS disk (ESP, /boot, LVM) and one OSD, to install in tests.
public final class Plans {

  public static final UUID NODE = UUID.fromString("7d1f0a52-6f0a-4f0e-9a52-000000000001");
  public static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoo kindling";
  public static final UUID OSD_TYPE = UUID.fromString("4fbd7e29-9d25-41b8-afd0-062c0ceff05d");

  private Plans() {}

  public static InstallPlan plan() {
    return plan(settings("node-1"));
  }

  /// A node that its release's own installer installs.
  public static InstallPlan kickstart() {
    InstallPlan plan = plan();
    return new InstallPlan(
        plan.node(),
        plan.attempt(),
        plan.bootstrap(),
        plan.disks(),
        plan.script(),
        null,
        plan.system(),
        plan.entry());
  }

  public static InstallPlan plan(InstallPlan.HostSettings settings) {
    return new InstallPlan(
        NODE,
        1,
        new InstallPlan.Bootstrap("10.20.0.100", 22, List.of("ssh-ed25519 BOOTSTRAP")),
        disks(),
        "echo partitioning \"$1\"\n",
        new InstallPlan.Image("http://10.20.0.1/boot/node.tar.zst", "ab".repeat(32), 1000),
        settings,
        InstallPlan.Entry.FIRMWARE);
  }

  public static InstallPlan.HostSettings settings(String hostName) {
    return new InstallPlan.HostSettings(
        hostName,
        "rack1.example",
        Firmware.BIOS,
        List.of(
            new Nic("nic0", "52:54:00:00:00:01", 9000, new Address("10.20.0.10/24", "10.20.0.1")),
            new Vlan("vlan101", "nic0", 101, 9000, new Address("10.21.0.10/24", null)),
            new Vlan("vlan102", "nic0", 102, null, new Address("10.22.0.10/24", null)),
            new Nic("nic1", "52:54:00:00:00:02", null, null)),
        "10.20.0.10",
        List.of("10.20.0.1"),
        List.of("10.20.0.1"),
        "kindling",
        KEY,
        List.of("tty0", "ttyS0,115200n8"));
  }

  public static InstallPlan plan(DiskPlan disks) {
    InstallPlan plan = plan();
    return new InstallPlan(
        plan.node(),
        plan.attempt(),
        plan.bootstrap(),
        disks,
        plan.script(),
        plan.image(),
        plan.system(),
        plan.entry());
  }

  public static DiskPlan disks() {
    UUID linux = UUID.fromString("0fc63daf-8483-4772-8e79-3d69d8477de4");
    return new DiskPlan(
        NODE,
        1,
        List.of(
            new PlannedDisk(
                "virtio-OS",
                "vda",
                List.of("disk/by-id/virtio-OS"),
                10L << 30,
                null,
                null,
                id(10),
                false,
                List.of(
                    part(1, Use.BIOS_BOOT, linux, null, null, null),
                    part(2, Use.ESP, linux, "/boot/efi", "vfat", "1A2B-3C4D"),
                    part(3, Use.FILE_SYSTEM, linux, "/boot", "ext4", id(3).toString()),
                    part(4, Use.PHYSICAL_VOLUME, linux, null, null, null))),
            new PlannedDisk(
                "scsi-1",
                "sda",
                List.of("disk/by-id/scsi-1"),
                10L << 30,
                null,
                null,
                id(20),
                false,
                List.of(part(21, Use.CEPH_OSD, OSD_TYPE, null, null, null)))),
        List.of(),
        List.of(
            new VolumeGroup(
                "os",
                false,
                List.of(
                    new LogicalVolume("root", 5000, "/", "ext4", id(30).toString()),
                    new LogicalVolume("swap", 500, "swap", "swap", id(31).toString())))),
        Map.of());
  }

  /// The system on two disks, and a kept group on one of them.
  public static DiskPlan mirrored() {
    UUID linux = UUID.fromString("0fc63daf-8483-4772-8e79-3d69d8477de4");
    var made = new VolumeGroup("os", false, disks().groups().getFirst().volumes());
    var kept =
        new VolumeGroup(
            "image",
            true,
            List.of(new LogicalVolume("glance", 900, "/var/lib/glance", "xfs", id(32).toString())));
    return new DiskPlan(
        NODE,
        1,
        List.of(disk(10, linux), disk(20, linux)),
        List.of(
            array("esp", 40, List.of(id(12), id(22)), "/boot/efi", "vfat", "1A2B-3C4D", null),
            array("boot", 41, List.of(id(13), id(23)), "/boot", "ext4", id(3).toString(), null),
            array("os", 42, List.of(id(14), id(24)), null, null, null, "os")),
        List.of(made, kept),
        Map.of());
  }

  private static PlannedDisk disk(int base, UUID linux) {
    return new PlannedDisk(
        "virtio-OS" + base,
        "vd" + base,
        List.of("disk/by-id/virtio-OS" + base),
        10L << 30,
        null,
        null,
        id(base),
        false,
        List.of(
            member(base, 1, Use.BIOS_BOOT, linux),
            member(base, 2, Use.ESP_MEMBER, linux),
            member(base, 3, Use.RAID_MEMBER, linux),
            member(base, 4, Use.RAID_MEMBER, linux)));
  }

  private static PlannedPartition member(int base, int number, Use use, UUID linux) {
    return new PlannedPartition(
        number,
        "kindling-p-" + (base + number),
        use,
        linux,
        id(base + number),
        number,
        1,
        null,
        null,
        null,
        null,
        null);
  }

  private static DiskPlan.RaidArray array(
      String name,
      int number,
      List<UUID> members,
      String mount,
      String fileSystem,
      String fileSystemId,
      String group) {
    return new DiskPlan.RaidArray(
        name,
        id(number),
        "raid1",
        group == null ? "1.0" : "1.2",
        members,
        1,
        mount,
        fileSystem,
        fileSystemId,
        group);
  }

  private static PlannedPartition part(
      int number, Use use, UUID type, String mount, String fileSystem, String fileSystemId) {
    return new PlannedPartition(
        number,
        "kindling-p-" + number,
        use,
        type,
        id(number),
        number,
        1,
        mount,
        fileSystem,
        fileSystemId,
        use == Use.PHYSICAL_VOLUME ? "os" : null,
        null);
  }

  public static UUID id(int n) {
    return new UUID(0x1234, n);
  }
}
