package io.kindling.ksgen;

/// Everything that can go wrong between facts and a partitioned disk, by a stable id. Ids from 101
/// on are printed by the partition script on the node.
public enum LayoutError {
  NO_DISK(
      1,
      "The machine has no disk that can be installed to.",
      "Look at its controllers in the facts; USB, read-only and dead drives (size 0) do not"
          + " count."),
  DISK_TOO_SMALL(
      2,
      "A disk is too small for what it is to hold.",
      "Give the volume less or another disk (`disks:`, `--disk`), or keep the disk out with `keep:"
          + " true`."),
  UNKNOWN_DISK(
      4,
      "A rule names a disk that the machine does not have.",
      "Take the disk's ID from `node show` or `plan`."),
  AMBIGUOUS_DISK(
      5, "A disk's name fits more than one disk.", "Name it by its full link (`disk/by-id/…`)."),
  UNKNOWN_VOLUME(
      6,
      "A rule names a volume that does not exist.",
      "Volumes are os, image, vm, database, logs, mon, cephjournal, ceph and cinder."),
  VOLUME_NOT_OF_ROLES(
      7,
      "A rule gives a disk to a volume that the node's roles do not have.",
      "Add the role, or take the rule away."),
  RULE_CONFLICT(
      8, "Rules contradict each other about one disk.", "Leave one rule for each disk and volume."),
  RULE_UNMATCHED(
      9,
      "A rule finds fewer disks than it wants.",
      "Compare its media, size, bus and count with the disks in `plan`."),
  BAD_RULE(
      10,
      "A disk rule cannot be read.",
      "`--disk ID=VOLUME:SIZE` with SIZE in MiB, `all`, `mirror` or `keep`; for `disks:` see the"
          + " layout page."),
  NOT_YET(
      11,
      "A kind of layout comes with a later version.",
      "Leave it out of the rules for now; a whole disk can always be kept."),
  NO_OSD(
      12,
      "Role ceph-osd has no disk for an OSD.",
      "Leave at least one disk to `ceph`; the first drive goes to the system, journals hold no"
          + " OSD."),
  KS_SPACES_MALFORMED(
      13, "The ks_spaces document is not valid.", "Compare it with `plan --format ks_spaces`."),
  DISK_MISSING(
      14,
      "A disk of the allocation is not in the machine any more.",
      "Put it back, or lay the node out again (a new attempt)."),
  DISK_CHANGED(
      15,
      "A disk has another size than the allocation was made for.",
      "Put the planned disk back, or lay the node out again (a new attempt)."),
  DOES_NOT_FIT(
      16, "The allocation does not fit on its disk.", "Make the volumes smaller by what is named."),
  BAD_VALUE(
      17,
      "A value of the allocation cannot be used.",
      "Take what `plan --format ks_spaces` prints as the pattern."),
  TOO_MANY_PARTITIONS(
      18, "A disk would get more than 128 partitions.", "Spread the journals over more devices."),
  NO_ROLE(19, "The node has no role.", "Give it at least `base`."),
  KEEP_UNMATCHED(
      20,
      "A volume to keep is not on the disk.",
      "Name it by its volume, partition name or PARTUUID as `plan` shows them, or take it out of"
          + " `keep`."),
  KEEP_UNKNOWN(
      21,
      "A volume cannot be kept.",
      "Only partitions of a readable GPT can be kept one by one; keep the whole disk (`keep:"
          + " true`), or let the machine report again."),
  KEEP_CHANGED(
      22,
      "A kept volume is not where it was.",
      "Look at the disk; then lay the node out again (a new attempt)."),
  KEEP_NEEDS(
      23,
      "What is kept needs something else that would be wiped.",
      "Keep that too, or keep neither."),
  VOLUME_TOO_SMALL(
      24, "A rule gives a volume less than it needs.", "Give it what is named, or `all`."),
  KICKSTART_VALUE(
      40,
      "A value cannot stand in a kickstart.",
      "Correct what is named in cluster.yaml (or the option), then apply it again."),

  CHECK_DISK_NOT_FOUND(
      101,
      "A disk of the plan is not there.",
      "Check cable, controller and driver; or lay the node out again."),
  CHECK_LINKS_DISAGREE(
      102,
      "The links of one planned disk lead to different devices.",
      "Two drives claim one name: replace or unplug one, then lay the node out again."),
  CHECK_SIZE_DIFFERS(
      103,
      "A disk has another size than planned: it was swapped.",
      "Put the planned disk back, or lay the node out again."),
  CHECK_IDENTITY_DIFFERS(
      104,
      "A disk has another serial number or model than planned: it was swapped.",
      "Put the planned disk back, or lay the node out again."),
  CHECK_READ_ONLY(
      105, "A disk of the plan is read-only.", "Lift its write protection or replace it."),
  CHECK_SAME_DEVICE(
      106,
      "Two disks of the plan are the same device.",
      "Lay the node out again; with multipath the drive must be in the plan once."),
  CHECK_IN_USE(
      107,
      "A disk of the plan holds a mounted file system.",
      "Unmount it; the running system's own disk is never wiped from within."),
  CHECK_SPANS(
      108,
      "A volume group or array on a planned disk also lies on a disk outside the plan.",
      "Take that disk into the plan, or dissolve the group or array by hand first."),
  CHECK_GROUP_TAKEN(
      109,
      "A disk outside the plan holds a volume group of a planned name.",
      "Rename that group (`vgrename`), take its disk into the plan, or unplug it."),
  CHECK_TOOL_MISSING(
      110, "A tool that the script needs is missing.", "Use the image of this version."),
  CHECK_UNREADABLE(
      111,
      "What lies on the disks cannot be told.",
      "Look at the tool's own message in the log; a failing disk must be replaced."),
  CHECK_KEPT_DIFFERS(
      112,
      "A table or partition that is to be kept is not the one that was reported.",
      "Somebody changed the disk since the node's last report: boot it into the bootstrap image"
          + " once more, compare `plan`, and lay the node out again."),
  CHECK_NO_ROOM(
      113,
      "A new partition does not fit beside what is to be kept.",
      "Lay the node out again; a table that was made for a smaller disk must be extended by hand"
          + " first (`sgdisk -e`)."),
  WIPE_BUSY(
      120,
      "What is active on a disk cannot be stopped.",
      "Restart the machine into the bootstrap image and try again; the log names the holders."),
  WIPE_FAILED(
      121, "A disk cannot be wiped.", "The drive refuses writes; see the kernel log, replace it."),
  TABLE_FOREIGN(
      130,
      "A disk has this attempt's disk GUID but other partitions than planned.",
      "Somebody changed its table meanwhile; order a new attempt, which wipes it."),
  TABLE_FAILED(
      131,
      "The partition table could not be written, or reads back otherwise.",
      "The drive or its controller does not keep what is written; see the kernel log, replace it."),
  NODES_MISSING(
      132,
      "The kernel does not show the new partitions.",
      "Something still uses the old ones; restart the machine into the bootstrap image."),
  KEPT_CHANGED(
      133,
      "A partition that was to be kept does not read back as before.",
      "Install nothing on this disk and look at what is named; another program wrote to it, or the"
          + " drive does not keep what is written."),
  FILE_SYSTEM_FAILED(
      140, "A file system could not be made.", "See the tool's message in the log and the disk."),
  LVM_FAILED(141, "A volume group or volume could not be made.", "See LVM's message in the log."),
  ARRAY_FAILED(
      142, "A RAID1 array could not be made or started.", "See mdadm's message in the log."),
  INCLUDE_FAILED(
      161,
      "The storage part of a kickstart could not be written.",
      "See the log `kindling-pre`; restart the machine into the bootstrap image and deploy again."),
  FIRMWARE_DIFFERS(
      162,
      "The installer was booted by another kind of firmware than the machine was inventoried with.",
      "Set the machine's firmware to one of BIOS and UEFI for good, then order a new attempt."),
  GUID_DIFFERS(
      163,
      "A partition is not as planned any more when the system stands on the disks.",
      "Somebody changed its table meanwhile; order a new attempt, which wipes it."),
  ACCESS_FAILED(
      164,
      "The installed system refuses the configuration for SSH or sudo.",
      "See the log `kindling-post`; report it with the log."),
  BOOT_CODE_FAILED(
      165,
      "Boot code could not be installed on a disk.",
      "The log `kindling-post` has GRUB's error and the disk; check that disk, then resume."),
  REPORT_REFUSED(
      166,
      "The installer could not report to the appliance.",
      "Check the network between them, and that no newer attempt was ordered; then resume.");

  private final int number;
  private final String summary;
  private final String cure;

  LayoutError(int number, String summary, String cure) {
    this.number = number;
    this.summary = summary;
    this.cure = cure;
  }

  /// The stable id, `KSG-002`.
  public String id() {
    return "KSG-%03d".formatted(number);
  }

  /// What happened.
  public String summary() {
    return summary;
  }

  /// What to do.
  public String cure() {
    return cure;
  }
}
