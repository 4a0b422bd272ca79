package io.kindling.ksgen.internal;

import io.kindling.inventory.Role;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// The volume table and the role map (`policy.json`), as Fuel's `volumes_metadata`. Sizes are MiB.
///
/// @param roles role label → volume → `min`, `all` or `full-disk`
public record Policy(
    DiskSizes disk,
    List<VolumeRow> volumes,
    Map<String, Map<String, String>> roles,
    Root root,
    Swap swap,
    Journal journal) {

  private static final Policy STANDARD = read();

  /// @param headMib left free before the first partition; @param tailMib after the last one, for
  ///   the backup GPT
  /// @param raidMetaMib what metadata 1.2 take of a member: mdadm's data offset is up to 128 MiB,
  ///   the bitmap and rounding come on top
  public record DiskSizes(
      long headMib,
      long tailMib,
      long biosBootMib,
      long espMib,
      long bootMib,
      long lvmMetaMib,
      long raidMetaMib) {}

  /// @param minimumMib of `cephjournal` for each OSD, else of the volume on one disk
  /// @param general it lives with the system, on its drive or its mirror
  /// @param volume of a group with one logical volume, which fills it
  public record VolumeRow(
      String id,
      String type,
      long minimumMib,
      @Nullable String label,
      @Nullable String partitionGuid,
      boolean general,
      @Nullable Filling volume) {

    public boolean isGroup() {
      return type.equals("vg");
    }
  }

  /// The one logical volume of a group.
  public record Filling(String name, String mount, String fileSystem) {}

  /// @param sharePercent of the disk, within least and most, where root shares it with an OSD
  ///   (Fuel)
  public record Root(long maximumMib, long sharePercent, long sharedLeastMib, long sharedMostMib) {}

  /// @param volumeShare swap is at most this part of its volume group
  public record Swap(long volumeShare, long mostMib) {}

  /// What Ceph's documentation wants of `block.db`: parts of a thousand of the OSD, for block
  /// devices and for objects (BlueStore configuration reference, "Sizing").
  public record Journal(long blockPermille, long objectPermille) {}

  public static Policy standard() {
    return STANDARD;
  }

  public Optional<VolumeRow> volume(String id) {
    return volumes.stream().filter(v -> v.id().equals(id)).findFirst();
  }

  public VolumeRow require(String id) {
    return volume(id).orElseThrow(() -> new LayoutException(LayoutError.UNKNOWN_VOLUME, id));
  }

  /// Every volume's id.
  public List<String> volumeIds() {
    return volumes.stream().map(VolumeRow::id).toList();
  }

  /// The volumes of those roles and how each is placed; the greediest placement wins.
  public Map<String, String> placements(Collection<Role> wanted) {
    if (wanted.isEmpty()) {
      throw new LayoutException(LayoutError.NO_ROLE, "");
    }
    var placements = new LinkedHashMap<String, String>();
    for (Role role : new TreeSet<>(wanted)) {
      Map<String, String> row = roles.get(role.label());
      if (row == null) {
        throw new IllegalStateException("policy.json has no role " + role.label());
      }
      row.forEach((volume, place) -> placements.merge(volume, place, Policy::greedier));
    }
    return placements;
  }

  private static String greedier(String one, String other) {
    List<String> order = List.of("min", "all", "full-disk");
    return order.indexOf(one) >= order.indexOf(other) ? one : other;
  }

  private static Policy read() {
    try (InputStream in = Policy.class.getResourceAsStream("/io/kindling/ksgen/policy.json")) {
      if (in == null) {
        throw new IllegalStateException("policy.json is not in the build");
      }
      return JsonMapper.builder().build().readValue(in, Policy.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
