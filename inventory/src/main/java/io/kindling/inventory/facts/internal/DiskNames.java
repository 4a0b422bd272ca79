package io.kindling.inventory.facts.internal;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which block devices are drives, and which of a drive's links name it best.
final class DiskNames {
  private static final int MAX_LINKS = 64;

  /// A folder below /dev and as long a file name as there can be (NAME_MAX).
  private static final int MAX_LINK = "disk/by-id/".length() + 255;

  /// Device nodes: letters, digits, `!` or `/` (cciss/c0d0).
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.!/-]{0,63}");

  /// lsblk says `disk` of these, too. Behind them is memory, another disk or another machine's
  /// disk; mmcblk's boot and RPMB areas cannot be partitioned.
  private static final Pattern NO_DRIVE =
      Pattern.compile(
          "(loop|ram|zram|fd|sr|md|dm-|nbd|rbd|drbd|bcache|zd|mtdblock)\\d.*"
              + "|mmcblk\\d+(boot\\d+|rpmb|gp\\d+)");

  private static final Pattern LOOP = Pattern.compile("loop\\d+");

  /// What udev lets into a link's name (systemd, udev-node.c, and its \\xNN escapes).
  private static final Pattern LINK =
      Pattern.compile("/dev/(disk/by-(?:id|path)/[A-Za-z0-9#+.:=@_%,~\\\\-]+)");

  /// Links that name what is on the drive, or a device over it.
  private static final Pattern CONTENT_LINK =
      Pattern.compile("disk/by-id/(lvm-pv-uuid-|dm-|md-).*");

  /// `wwn-…` and `nvme-eui.…` first: they are the drive's own and equal in all distributions.
  private static final Comparator<String> BEST =
      Comparator.comparingInt(DiskNames::rank).thenComparing(Comparator.naturalOrder());

  private DiskNames() {}

  /// A container's drives are loop devices of its host's.
  static boolean isLoop(String type, String name) {
    return type.equals("loop") && LOOP.matcher(name).matches();
  }

  static boolean isDrive(String type, String name) {
    return type.equals("disk") && NAME.matcher(name).matches() && !NO_DRIVE.matcher(name).matches();
  }

  /// The usable links of udev's DEVLINKS, sorted.
  static List<String> links(@Nullable String devLinks, Reader lsblk) {
    var links = new TreeSet<String>();
    for (String link : (devLinks == null ? "" : devLinks).split(" ", -1)) {
      if (!link.startsWith("/dev/disk/by-id/") && !link.startsWith("/dev/disk/by-path/")) {
        continue; // by-diskseq, by-uuid, by-label … do not name the drive.
      }
      var matcher = LINK.matcher(link);
      if (!matcher.matches() || link.length() > MAX_LINK || links.size() == MAX_LINKS) {
        lsblk.warn("DEVLINKS", "a link with odd characters, too long, or one too many");
      } else if (!CONTENT_LINK.matcher(matcher.group(1)).matches()) {
        links.add(matcher.group(1));
      }
    }
    return List.copyOf(links);
  }

  /// The best link, or null where there is none.
  static @Nullable String best(List<String> links) {
    return links.stream().min(BEST).orElse(null);
  }

  private static int rank(String link) {
    if (link.startsWith("disk/by-id/wwn-") || link.startsWith("disk/by-id/nvme-eui.")) {
      return 0;
    }
    return link.startsWith("disk/by-id/") ? 1 : 2;
  }

  static String lastPart(String link) {
    return link.substring(link.lastIndexOf('/') + 1);
  }
}
