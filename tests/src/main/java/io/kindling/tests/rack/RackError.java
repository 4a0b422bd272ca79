package io.kindling.tests.rack;

/// What can go wrong with the virtual rack.
public enum RackError {
  COMMAND_FAILED(
      "RCK-001",
      "A host tool failed",
      "Read its output in the message; most often root or a package is missing."),
  NOT_ROOT(
      "RCK-002",
      "The virtual rack needs root for network namespaces",
      "Run it as root (sudo ./kindling …)."),
  INTERRUPTED("RCK-003", "Interrupted while waiting", "Run it again."),
  FIRMWARE_MISSING(
      "RCK-004",
      "The firmware image for an emulated machine was not found",
      "Install Debian's packages ovmf and ipxe-qemu."),
  MACHINE_DIED(
      "RCK-005",
      "An emulated machine's process ended by itself",
      "Read its log beside its disks in the rack's directory."),
  TIMED_OUT(
      "RCK-006",
      "What was waited for did not come",
      "The message names it; the machines' serial consoles are in the rack's directory."),
  APPLIANCE_DIED(
      "RCK-007",
      "The appliance of the rack ended by itself",
      "Read appliance.out in the rack's directory."),
  BUSY(
      "RCK-008",
      "The rack's network namespace is in use",
      "End the other rack first: ./kindling rack down."),
  UNREADABLE("RCK-009", "A file that was named cannot be read", "Look at its path and mode.");

  private final String id;
  private final String summary;
  private final String cure;

  RackError(String id, String summary, String cure) {
    this.id = id;
    this.summary = summary;
    this.cure = cure;
  }

  public String id() {
    return id;
  }

  public String summary() {
    return summary;
  }

  public String cure() {
    return cure;
  }
}
