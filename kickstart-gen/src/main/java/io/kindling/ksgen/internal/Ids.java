package io.kindling.ksgen.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.UUID;

/// Ids known before a disk is touched: UUID version 5 (RFC 9562 §5.5) of
/// `nodeId/attempt/diskId/index`.
public final class Ids {

  /// The namespace of all of them; never changes.
  public static final UUID NAMESPACE = UUID.fromString("7b0f6c1e-3a55-4d0e-9d39-5f0c2f6f1d2a");

  /// Index of the disk GUID; a partition's PARTUUID has the partition's number.
  public static final int DISK = 0;

  /// A partition's file system has the partition's number plus this (a GPT has 128 partitions).
  public static final int FILE_SYSTEM = 1000;

  private final UUID node;
  private final int attempt;

  public Ids(UUID node, int attempt) {
    this.node = node;
    this.attempt = attempt;
  }

  /// @param disk the disk's ID; of a volume group `vg/NAME`, which is no disk's
  public UUID of(String disk, int index) {
    return version5(NAMESPACE, node + "/" + attempt + "/" + disk + "/" + index);
  }

  /// The serial number of a FAT file system as blkid writes it, of that UUID's first 32 bits.
  public static String fatSerial(UUID id) {
    String hex = id.toString().substring(0, 8).toUpperCase(Locale.ROOT);
    return hex.substring(0, 4) + "-" + hex.substring(4);
  }

  /// An LVM physical volume's id (32 of `[0-9a-zA-Z]` in groups 6-4-4-4-4-4-6) of that UUID.
  public static String physicalVolume(UUID id) {
    String hex = id.toString().replace("-", "");
    return String.join(
        "-",
        hex.substring(0, 6),
        hex.substring(6, 10),
        hex.substring(10, 14),
        hex.substring(14, 18),
        hex.substring(18, 22),
        hex.substring(22, 26),
        hex.substring(26));
  }

  static UUID version5(UUID namespace, String name) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(
          ByteBuffer.allocate(16)
              .putLong(namespace.getMostSignificantBits())
              .putLong(namespace.getLeastSignificantBits())
              .flip());
      ByteBuffer hash = ByteBuffer.wrap(sha1.digest(name.getBytes(StandardCharsets.UTF_8)));
      long high = hash.getLong() & ~0xF000L | 0x5000L;
      long low = hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
      return new UUID(high, low);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }
}
