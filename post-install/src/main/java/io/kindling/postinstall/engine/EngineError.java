package io.kindling.postinstall.engine;

/// What can go wrong with a task, whatever it is for. The ids are stable: the same in logs, in
/// answers of the API and in docs/troubleshooting.
public enum EngineError implements NamedError {
  UNREACHABLE(
      "ENG-001",
      "The node does not answer SSH.",
      "See on its console whether it runs and has its address; then resume."),
  WRONG_HOST_KEY(
      "ENG-002",
      "What answers at the node's address has another host key than the node was installed with.",
      "Look for a second machine with that address, or for a system installed by hand; then"
          + " resume."),
  KEY_REFUSED(
      "ENG-003",
      "The node does not let the appliance's key in.",
      "Put the appliance's public key back for its user on the node; then resume."),
  CONNECTION_LOST(
      "ENG-004",
      "The connection to the node was lost again and again.",
      "Check cabling, duplex and duplicate addresses; then resume."),
  TIME_LIMIT(
      "ENG-005",
      "A task took longer than its time limit and was stopped.",
      "The log's last lines say what it was doing; check that service, disk or network, then"
          + " resume."),
  COMMAND_FAILED(
      "ENG-006",
      "A command failed in a way that has no name of its own.",
      "Read the log's last lines; resume once the cause is gone."),
  CANCELLED("ENG-007", "The run was stopped on request.", "Resume it when wanted."),
  INTERNAL(
      "ENG-008",
      "The appliance itself failed in the middle of a task.",
      "Report it with the appliance's log; resuming is safe."),
  NOT_RECORDED(
      "ENG-009",
      "An outcome could not be put on stable storage, so the run did not go on.",
      "Check the state directory's disk (full, read-only) or the database; then resume."),
  NOT_AS_PLANNED(
      "ENG-010",
      "Something is not as planned although it was just made so.",
      "Something else changes it at the same time, or the change had no effect: the reason names"
          + " it."),
  NO_ROOT(
      "ENG-011",
      "The appliance's user may not become root on the node.",
      "Let it run everything by sudo without a password (/etc/sudoers.d/kindling); then resume."),
  DISK_FULL(
      "ENG-012",
      "A file system of the node is full.",
      "Free space on the file system that the reason names; then resume."),
  PACKAGE_SOURCE(
      "ENG-013",
      "The package source does not answer or lacks a package.",
      "Check that the appliance serves its mirror and that the node reaches it; then resume."),
  PACKAGE_BROKEN(
      "ENG-014",
      "A package could not be installed.",
      "The log names dpkg's error; mend it on the node (`dpkg --configure -a`), then resume."),
  UNIT_FAILED(
      "ENG-015",
      "A service does not run.",
      "The log holds the last lines of its journal; mend the cause, then resume."),
  TOO_MANY_SET_ASIDE(
      "ENG-016",
      "More nodes of a role failed than the role can do without.",
      "Mend the nodes that the report names, then resume; what is done is not done again."),
  NOT_REACHED(
      "ENG-017",
      "A task was not begun because one that it needs did not come to a good end.",
      "Mend what failed before it, then resume.");

  private final Entry entry;

  EngineError(String id, String summary, String cure) {
    this.entry = new Entry(id, summary, cure);
  }

  @Override
  public Entry entry() {
    return entry;
  }
}
