package io.kindling.ksgen.internal;

import java.util.UUID;

/// GPT partition types (UEFI 2.10 §5.3.3, the Discoverable Partitions Specification, ceph-disk).
public final class GptTypes {

  public static final UUID BIOS_BOOT = UUID.fromString("21686148-6449-6e6f-744e-656564454649");
  public static final UUID ESP = UUID.fromString("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
  public static final UUID LVM = UUID.fromString("e6d6d379-f507-44c2-a23c-238f2a3df928");
  public static final UUID LINUX_RAID = UUID.fromString("a19d880f-05fc-4d3b-a006-743f0f84911e");
  public static final UUID LINUX = UUID.fromString("0fc63daf-8483-4772-8e79-3d69d8477de4");
  public static final UUID SWAP = UUID.fromString("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f");
  public static final UUID CEPH_OSD = UUID.fromString("4fbd7e29-9d25-41b8-afd0-062c0ceff05d");
  public static final UUID CEPH_JOURNAL = UUID.fromString("45b0969e-9b03-4f30-b4c6-b4b80ceff106");

  /// FAT32 has at least 65,525 clusters: 33 MiB of 512 bytes; on 4 KiB sectors 257 MiB.
  public static final long LEAST_ESP_MIB = 260;

  private GptTypes() {}
}
