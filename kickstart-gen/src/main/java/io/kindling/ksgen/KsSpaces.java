package io.kindling.ksgen;

import io.kindling.ksgen.internal.KsSpacesJson;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The allocation of a node's disks in the format that Fuel defined (`ks_spaces`): a JSON list of
/// disks and volume groups, all sizes whole MiB. Valid by fuel-agent 9.2's schema
/// (`fuel_agent/drivers/ks_spaces_validator.py`); what Fuel 4.0 emitted (no `extra`) reads in too.
///
/// Immutable. Keys that this version does not know are kept in `others` and written again.
public record KsSpaces(List<Space> spaces) {

  /// What the published validator allows for `/` (16 TiB).
  public static final long MAX_ROOT_MIB = 16_777_216;

  public KsSpaces {
    spaces = List.copyOf(spaces);
  }

  /// A disk or a volume group.
  public sealed interface Space {
    String id();

    List<Volume> volumes();
  }

  /// @param id the chosen link relative to /dev
  /// @param name kernel name at report, display only
  /// @param freeSpace size without the service partitions; as in Fuel never reduced by allocations
  /// @param extra all links relative to /dev, null where the key is absent
  /// @param keep the disk is never touched
  public record Disk(
      String id,
      String name,
      long size,
      @Nullable Long freeSpace,
      @Nullable List<String> extra,
      List<Volume> volumes,
      boolean keep,
      Map<String, @Nullable Object> others)
      implements Space {
    public Disk {
      extra = extra == null ? null : List.copyOf(extra);
      volumes = List.copyOf(volumes);
      others = frozen(others);
    }

    /// True where nothing is to be done on the disk.
    public boolean untouched() {
      return keep || volumes.stream().allMatch(v -> v.size() <= 0);
    }
  }

  public record Group(
      String id,
      @Nullable String label,
      @Nullable Long minSize,
      @Nullable String allocateSize,
      List<Volume> volumes,
      Map<String, @Nullable Object> others)
      implements Space {
    public Group {
      volumes = List.copyOf(volumes);
      others = frozen(others);
    }
  }

  public enum Type {
    BOOT("boot"),
    RAID("raid"),
    PARTITION("partition"),
    PV("pv"),
    LVM_META_POOL("lvm_meta_pool"),
    LV("lv");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /// A volume of a disk, or a logical volume of a group. What a type does not have is null.
  ///
  /// @param mount mount point, `swap` or `none`
  /// @param fileSystem `ext4`, `xfs`, `swap`, `none`, …
  /// @param vg of a `pv`: the group's id
  /// @param keep the volume is never touched
  /// @param kindling what only this product needs (`spare`: journal slots left free)
  public record Volume(
      Type type,
      long size,
      @Nullable String name,
      @Nullable String mount,
      @Nullable String fileSystem,
      @Nullable String partitionGuid,
      @Nullable String vg,
      @Nullable Long lvmMetaSize,
      boolean keep,
      Map<String, @Nullable Object> kindling,
      Map<String, @Nullable Object> others) {
    public Volume {
      kindling = frozen(kindling);
      others = frozen(others);
    }

    /// The mount point, or null where it is `none` or absent.
    public @Nullable String mountPoint() {
      return mount == null || mount.equals("none") || mount.isEmpty() ? null : mount;
    }

    /// The file system, or null where it is `none` or absent.
    public @Nullable String fileSystemOrNull() {
      return fileSystem == null || fileSystem.equals("none") || fileSystem.isEmpty()
          ? null
          : fileSystem;
    }
  }

  public List<Disk> disks() {
    return spaces.stream().filter(Disk.class::isInstance).map(Disk.class::cast).toList();
  }

  public List<Group> groups() {
    return spaces.stream().filter(Group.class::isInstance).map(Group.class::cast).toList();
  }

  /// Indented JSON, the same bytes for the same allocation.
  public String toJson() {
    return KsSpacesJson.write(this);
  }

  /// Reads and checks a document.
  ///
  /// @throws LayoutException KSG-013 with the path of what is wrong
  public static KsSpaces parse(String json) {
    return KsSpacesJson.read(json);
  }

  private static Map<String, @Nullable Object> frozen(Map<String, @Nullable Object> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
