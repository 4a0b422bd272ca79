package io.kindling.postinstall;

/// What can go wrong when a node is installed. The ids are stable: the same in logs, in answers of
/// the API and in docs/troubleshooting. A partition script's own errors keep their `KSG-…` ids.
public enum InstallError {
  UNREACHABLE(
      "INS-001",
      "The node's bootstrap system does not answer SSH.",
      "See on its console whether it runs and has its address; power-cycle it, then resume."),
  WRONG_HOST_KEY(
      "INS-002",
      "What answers at the node's address has another host key than the node reported.",
      "Look for a second machine with that address; else power-cycle the node so that it reports"
          + " again, then resume."),
  KEY_REFUSED(
      "INS-003",
      "The node's bootstrap system does not take the appliance's key.",
      "It was booted by another appliance or with an old key: power-cycle it, then resume."),
  CONNECTION_LOST(
      "INS-004",
      "The connection to the node was lost again and again.",
      "Check cabling, duplex and duplicate addresses; then resume."),
  TIME_LIMIT(
      "INS-005",
      "A task took longer than its time limit and was stopped.",
      "The log's last lines say what it was doing; check that disk or the network, then resume."),
  SCRIPT_FAILED(
      "INS-006",
      "A task's script failed in a way it has no name for.",
      "Read the log's last lines; resume once the cause is gone, or report it with the log."),
  CANCELLED("INS-007", "The installation was stopped on request.", "Resume it when wanted."),
  INTERNAL(
      "INS-008",
      "The appliance itself failed in the middle of a task.",
      "Report it with the appliance's log; resuming is safe."),
  NOT_RECORDED(
      "INS-009",
      "An outcome could not be put on stable storage, so the installation did not go on.",
      "Check the state directory's disk (full, read-only) or the database; then resume."),
  BAD_VALUE(
      "INS-010",
      "A value of the plan cannot be used in the installed system's configuration.",
      "Correct it in cluster.yaml (the reason names it) and deploy again."),
  PARTITIONING(
      "INS-011",
      "The partition script failed.",
      "Read the log's last lines; check the named disk, then resume."),
  FILE_SYSTEM_MISSING(
      "INS-020",
      "A planned disk, volume group or file system is not on the node.",
      "A disk was taken out or failed after partitioning: put it back, or deploy anew."),
  IMAGE_FETCH(
      "INS-021",
      "The node could not fetch the image from the appliance.",
      "Check that the appliance serves it and that the node reaches its address; then resume."),
  IMAGE_CHECKSUM(
      "INS-022",
      "The image that arrived is not the one planned (SHA-256 differs).",
      "Build the image again if it was changed on disk; else suspect the network; then resume."),
  IMAGE_UNPACK(
      "INS-023",
      "The image could not be unpacked.",
      "The log names tar's or zstd's error: a full or failing disk, or a damaged image."),
  TARGET_BUSY(
      "INS-024",
      "The installed system's file systems could not be mounted or unmounted.",
      "A failing disk, or somebody works in the bootstrap system: log out there, then resume."),
  IMAGE_INCOMPLETE(
      "INS-030",
      "The node image lacks something that the boot loader or the configuration needs.",
      "Build the node image anew (`kindling image node`) and deploy again."),
  BOOT_LOADER(
      "INS-031",
      "The boot loader could not be installed.",
      "The log names GRUB's error and the disk; check that disk, then resume."),
  CONFIGURATION(
      "INS-040",
      "The installed system refused its configuration.",
      "The log names the file that was refused; correct the value, then resume."),
  INSTALLER_FAILED(
      "INS-045",
      "The release's own installer failed.",
      "The reason says at what, the logs it handed in say more. Remove the cause, restart the"
          + " machine into the bootstrap image, then resume."),
  NOT_REBOOTED(
      "INS-050",
      "The node was told to reboot; neither the bootstrap nor the installed system answers.",
      "See on its console where it stands; power-cycle it, then resume."),
  SYSTEM_UNREACHABLE(
      "INS-060",
      "The installed system did not answer SSH in time.",
      "See on its console whether it booted from its own disk and has its address; then resume."),
  SYSTEM_WRONG_KEY(
      "INS-061",
      "At the installed system's address another system answered to the end.",
      "The node booted something else (the bootstrap, an old disk), or the address is taken twice;"
          + " check boot order and address, then resume."),
  SYSTEM_KEY_REFUSED(
      "INS-062",
      "The installed system does not let the appliance's key in.",
      "It may still be booting, or its user was changed; check its console, then resume."),
  SYSTEM_NOT_AS_PLANNED(
      "INS-063",
      "The installed system runs, but is not what was planned.",
      "The reason names what differs; deploy again, or correct it by hand and resume."),
  NO_SYSTEM(
      "INS-070",
      "The machine carries Kindling's partitions, but no system of Kindling's was found on them.",
      "Look at its disks (`kindling node facts NODE`); where nothing of worth is on them, install"
          + " it anew: `kindling deploy --reinstall NODE`."),
  NOT_LET_IN(
      "INS-071",
      "The appliance's key could not be let into the installed system.",
      "The reason says why. Log in by other means and let it join by hand: `kindling node"
          + " join-token`.");

  private final String id;
  private final String summary;
  private final String cure;

  InstallError(String id, String summary, String cure) {
    this.id = id;
    this.summary = summary;
    this.cure = cure;
  }

  /// Stable id, `INS-001`.
  public String id() {
    return id;
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
