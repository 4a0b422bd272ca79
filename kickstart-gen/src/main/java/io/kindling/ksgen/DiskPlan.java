package io.kindling.ksgen;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Exactly which partitions, volume groups and file systems a node gets: what `Expand` makes of
/// ks_spaces. Every id is known before a disk is touched (UUIDv5 of node, attempt, disk, index).
///
/// Immutable. Sizes and offsets are MiB.
///
/// @param osdDb OSD partition's PARTUUID → its db partition's PARTUUID, for OSDs that have one
public record DiskPlan(
    UUID nodeId,
    int attempt,
    List<PlannedDisk> disks,
    List<VolumeGroup> groups,
    Map<UUID, UUID> osdDb) {

  public DiskPlan {
    disks = List.copyOf(disks);
    groups = List.copyOf(groups);
    osdDb = Map.copyOf(osdDb);
  }

  /// A disk that gets a new GPT.
  ///
  /// @param id the CLI's disk ID (last part of the chosen link)
  /// @param name kernel name at report, display only
  /// @param links all links relative to /dev, the chosen one first; any that exists is taken and
  ///   all that exist must agree
  /// @param sizeBytes the size that the plan was made for; another size is a swapped disk
  /// @param guid the table's disk GUID
  public record PlannedDisk(
      String id,
      String name,
      List<String> links,
      long sizeBytes,
      @Nullable String model,
      @Nullable String serial,
      UUID guid,
      List<PlannedPartition> partitions) {
    public PlannedDisk {
      links = List.copyOf(links);
      partitions = List.copyOf(partitions);
    }

    /// True where BIOS boot code is to be installed: the disk has a BIOS boot partition.
    public boolean biosBoot() {
      return partitions.stream().anyMatch(p -> p.use() == Use.BIOS_BOOT);
    }
  }

  /// What a partition is for.
  public enum Use {
    BIOS_BOOT,
    ESP,
    FILE_SYSTEM,
    SWAP,
    PHYSICAL_VOLUME,
    CEPH_OSD,
    CEPH_JOURNAL,
    OTHER
  }

  /// @param number the partition's number on its disk, from 1
  /// @param label GPT partition name, `kindling-VOLUME-N`, at most 36 characters
  /// @param type GPT type GUID
  /// @param guid PARTUUID
  /// @param mount mount point, null where none
  /// @param fileSystem `ext4`, `xfs`, `vfat`, `swap`, null where none
  /// @param fileSystemId what blkid calls UUID: a UUID, for vfat `ABCD-EF01`; null where none
  /// @param volumeGroup the group of a physical volume
  public record PlannedPartition(
      int number,
      String label,
      Use use,
      UUID type,
      UUID guid,
      long startMib,
      long sizeMib,
      @Nullable String mount,
      @Nullable String fileSystem,
      @Nullable String fileSystemId,
      @Nullable String volumeGroup) {}

  /// An LVM volume group over the physical volumes of that name.
  public record VolumeGroup(String name, List<LogicalVolume> volumes) {
    public VolumeGroup {
      volumes = List.copyOf(volumes);
    }
  }

  public record LogicalVolume(
      String name,
      long sizeMib,
      @Nullable String mount,
      @Nullable String fileSystem,
      @Nullable String fileSystemId) {}

  /// A file system to mount (or swap to use) in the installed system.
  ///
  /// @param mount mount point; `swap` for swap
  public record Mount(String mount, String fileSystem, String fileSystemId) {}

  /// All mounts, parents before children, swap last.
  public List<Mount> mounts() {
    var found = new java.util.ArrayList<Mount>();
    for (PlannedDisk disk : disks) {
      for (PlannedPartition p : disk.partitions()) {
        add(found, p.mount(), p.fileSystem(), p.fileSystemId());
      }
    }
    for (VolumeGroup group : groups) {
      for (LogicalVolume v : group.volumes()) {
        add(found, v.mount(), v.fileSystem(), v.fileSystemId());
      }
    }
    found.sort(
        java.util.Comparator.comparing((Mount m) -> m.mount().equals("swap"))
            .thenComparing(Mount::mount));
    return List.copyOf(found);
  }

  /// The FAT serial of the first EFI system partition, where there is one.
  public Optional<String> espSerial() {
    return disks.stream()
        .flatMap(d -> d.partitions().stream())
        .filter(p -> p.use() == Use.ESP)
        .map(PlannedPartition::fileSystemId)
        .filter(java.util.Objects::nonNull)
        .findFirst();
  }

  private static void add(
      List<Mount> to, @Nullable String mount, @Nullable String fs, @Nullable String id) {
    if (mount != null && fs != null && id != null) {
      to.add(new Mount(mount, fs, id));
    }
  }
}
