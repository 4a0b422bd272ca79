package io.kindling.ksgen;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Exactly which partitions, volume groups and file systems a node gets: what `Expand` makes of
/// ks_spaces. Every id is known before a disk is touched (UUIDv5 of node, attempt, disk, index);
/// what is kept has the ids that it has.
///
/// Immutable. Sizes and offsets are MiB.
///
/// @param arrays RAID1 arrays over partitions of the disks
/// @param osdDb OSD partition's PARTUUID → its db partition's PARTUUID, for OSDs that have one
public record DiskPlan(
    UUID nodeId,
    int attempt,
    List<PlannedDisk> disks,
    List<RaidArray> arrays,
    List<VolumeGroup> groups,
    Map<UUID, UUID> osdDb) {

  public DiskPlan {
    disks = List.copyOf(disks);
    arrays = List.copyOf(arrays);
    groups = List.copyOf(groups);
    osdDb = Map.copyOf(osdDb);
  }

  /// A disk that gets a new GPT, or new partitions in the GPT that it has.
  ///
  /// @param id the CLI's disk ID (last part of the chosen link)
  /// @param name kernel name at report, display only
  /// @param links all links relative to /dev, the chosen one first; any that exists is taken and
  ///   all that exist must agree
  /// @param sizeBytes the size that the plan was made for; another size is a swapped disk
  /// @param guid the table's disk GUID
  /// @param keepTable the table on the disk stays, with its disk GUID, because partitions in it are
  ///   kept; all that are not are removed
  /// @param partitions by their start
  public record PlannedDisk(
      String id,
      String name,
      List<String> links,
      long sizeBytes,
      @Nullable String model,
      @Nullable String serial,
      UUID guid,
      boolean keepTable,
      List<PlannedPartition> partitions) {
    public PlannedDisk {
      links = List.copyOf(links);
      partitions = List.copyOf(partitions);
    }

    /// True where nothing but its place tells it from another drive: a swapped one of the same size
    /// and model would be taken for it.
    public boolean knownByPlaceAlone() {
      return serial == null && links.stream().noneMatch(l -> l.startsWith("disk/by-id/"));
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
    /// A member of the mirrored EFI system partition. Its GPT type is an ESP's: the array's
    /// metadata (1.0) stand at its end, so firmware reads it as the FAT it holds.
    ESP_MEMBER,
    FILE_SYSTEM,
    SWAP,
    PHYSICAL_VOLUME,
    /// A member of any other array.
    RAID_MEMBER,
    CEPH_OSD,
    CEPH_JOURNAL,
    /// Made like a journal, for an OSD that is added later.
    CEPH_JOURNAL_SPARE,
    OTHER;

    /// True of what Ceph finds by its type GUID.
    public boolean ceph() {
      return this == CEPH_OSD || this == CEPH_JOURNAL || this == CEPH_JOURNAL_SPARE;
    }
  }

  /// @param number the partition's number on its disk, from 1; the order of numbers need not be
  ///   that of places where partitions are kept
  /// @param label GPT partition name, `kindling-VOLUME-N`, at most 36 characters; of a kept one
  ///   whatever it is
  /// @param type GPT type GUID
  /// @param guid PARTUUID
  /// @param mount mount point, null where none
  /// @param fileSystem `ext4`, `xfs`, `vfat`, `swap`, null where none
  /// @param fileSystemId what blkid calls UUID: a UUID, for vfat `ABCD-EF01`; null where none
  /// @param volumeGroup the group of a physical volume
  /// @param startMib of a kept one the MiB in which it starts
  /// @param sizeMib of a kept one all MiB that it touches
  /// @param kept null for a new partition; else exactly where it lies: neither its entry in the
  ///   table nor its content is ever written to
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
      @Nullable String volumeGroup,
      @Nullable Extent kept) {

    public boolean keep() {
      return kept != null;
    }
  }

  /// Bytes of a disk.
  public record Extent(long startBytes, long sizeBytes) {}

  /// A RAID1 array over partitions of several disks.
  ///
  /// @param name its name (`esp`, `boot`, a volume group's)
  /// @param id the array's UUID
  /// @param level `raid1`
  /// @param metadata where the superblock stands: `1.0` at the end (/boot and ESP, which firmware
  ///   and boot loader read member by member), `1.2` near the start
  /// @param members PARTUUIDs in the order of the disks
  /// @param sizeMib what is planned on it; the array is at least that large
  /// @param fileSystemId as of a partition
  /// @param volumeGroup the group of which the array is a physical volume
  public record RaidArray(
      String name,
      UUID id,
      String level,
      String metadata,
      List<UUID> members,
      long sizeMib,
      @Nullable String mount,
      @Nullable String fileSystem,
      @Nullable String fileSystemId,
      @Nullable String volumeGroup) {
    public RaidArray {
      members = List.copyOf(members);
    }
  }

  /// An LVM volume group over the physical volumes (partitions, arrays) of that name.
  ///
  /// @param keep the group and all that is in it is there already and stays
  public record VolumeGroup(String name, boolean keep, List<LogicalVolume> volumes) {
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
    return mounts(groups);
  }

  /// Those of the file systems that this attempt makes: what is kept is mounted by the installed
  /// system, never while it is being installed.
  public List<Mount> madeMounts() {
    return mounts(groups.stream().filter(g -> !g.keep()).toList());
  }

  private List<Mount> mounts(List<VolumeGroup> of) {
    var found = new java.util.ArrayList<Mount>();
    for (PlannedDisk disk : disks) {
      for (PlannedPartition p : disk.partitions()) {
        add(found, p.mount(), p.fileSystem(), p.fileSystemId());
      }
    }
    for (RaidArray array : arrays) {
      add(found, array.mount(), array.fileSystem(), array.fileSystemId());
    }
    for (VolumeGroup group : of) {
      for (LogicalVolume v : group.volumes()) {
        add(found, v.mount(), v.fileSystem(), v.fileSystemId());
      }
    }
    found.sort(
        java.util.Comparator.comparing((Mount m) -> m.mount().equals("swap"))
            .thenComparing(Mount::mount));
    return List.copyOf(found);
  }

  /// The FAT serial of the first EFI system partition, or of the mirrored one.
  public Optional<String> espSerial() {
    return Stream.concat(
            arrays.stream().filter(a -> "vfat".equals(a.fileSystem())).map(RaidArray::fileSystemId),
            disks.stream()
                .flatMap(d -> d.partitions().stream())
                .filter(p -> p.use() == Use.ESP)
                .map(PlannedPartition::fileSystemId))
        .filter(Objects::nonNull)
        .findFirst();
  }

  private static void add(
      List<Mount> to, @Nullable String mount, @Nullable String fs, @Nullable String id) {
    if (mount != null && fs != null && id != null) {
      to.add(new Mount(mount, fs, id));
    }
  }
}
