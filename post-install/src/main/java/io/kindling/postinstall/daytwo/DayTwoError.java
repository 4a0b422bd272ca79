package io.kindling.postinstall.daytwo;

import io.kindling.postinstall.engine.NamedError;

/// Why something is not done to a cluster that serves, or did not come to a good end. The ids are
/// stable.
public enum DayTwoError implements NamedError {
  NOT_WHOLE(
      "DAY-001",
      "Copies of data are missing, so no drive is added or taken now.",
      "See `ceph health detail` on a monitor host; mend that first, or wait until Ceph has."),
  NOT_STOPPABLE(
      "DAY-002",
      "The host cannot be stopped now: some data or the monitors' quorum would stand still.",
      "Bring back what is down already, wait until every placement group is active+clean, then say"
          + " it again."),
  OTHER_MAINTENANCE(
      "DAY-003",
      "Another host is in maintenance.",
      "End it first: `kindling node maintenance NODE --exit`."),
  NOT_SAFE(
      "DAY-004",
      "The OSD cannot be destroyed yet: it may hold the only good copy of something.",
      "Let Ceph copy its data elsewhere first (`--drain`). Where there is no room for that and"
          + " every placement group stays active without it, `--accept-degraded` replaces it at"
          + " once."),
  STILL_UP(
      "DAY-005",
      "The OSD is up: its data can be copied from it.",
      "Say `--drain` instead of `--accept-degraded`."),
  UNKNOWN_OSD(
      "DAY-006", "There is no such OSD in the cluster.", "See `ceph osd tree` on a monitor host."),
  NO_DRIVE(
      "DAY-007",
      "The node has no blank drive.",
      "Put one in. A used one counts as blank once its signatures are gone (`wipefs -a` on the"
          + " node)."),
  NOT_BLANK(
      "DAY-008",
      "The drive that was named is not on the node, or is not blank.",
      "`kindling node facts` lists the drives; a used one needs `wipefs -a` on the node first."),
  UNCLEAR(
      "DAY-009",
      "It cannot be told which of the node's partitions was the OSD's.",
      "More than one of its OSDs cannot be read: replace first those that have a db of their own,"
          + " or bring one of the drives back."),
  NOT_BACK(
      "DAY-010",
      "The host did not come back with all its OSDs.",
      "Look at its console and at the units of its OSDs; then `kindling operation resume`. noout is"
          + " still set on it, so no data move meanwhile."),
  NOT_SETTLED(
      "DAY-011",
      "The data did not become whole in time.",
      "See `ceph health detail`; then `kindling operation resume`."),
  NOT_A_MEMBER(
      "DAY-012",
      "The node has no part in a Ceph cluster that is deployed.",
      "Deploy first: `kindling deploy`."),
  BUSY(
      "DAY-013",
      "Something else is being done to the cluster.",
      "Wait for its end (`kindling operation show`, `kindling events -f`), then say it again."),
  NOTHING_TO_RESUME(
      "DAY-014", "No operation stopped half way.", "`kindling operation show` tells the last one."),
  WHICH_DRIVE(
      "DAY-016",
      "The node has several blank drives.",
      "Name the one that is meant: `--disk ID`, repeatable."),
  GUESTS_NOWHERE(
      "DAY-017",
      "The host's guests have nowhere to go.",
      "Bring another compute up and enable it (`openstack compute service list` on the controller),"
          + " or shut the guests off; then say it again."),
  GUEST_STAYS(
      "DAY-018",
      "A guest did not leave the host.",
      "The message names it and says why (`openstack server event list GUEST` tells more). Mend"
          + " that or shut the guest off, then `kindling operation resume`."),
  STILL_ALIVE(
      "DAY-019",
      "The compute is alive: what runs twice writes twice to its disk.",
      "Guests of a compute that works are moved: `kindling node maintenance NODE --enter`. One"
          + " that works no more is switched off first, so that it cannot come back meanwhile."),
  NOT_A_COMPUTE(
      "DAY-020",
      "The node is not a compute of this cluster.",
      "`openstack compute service list` on the controller names those that are."),
  NOT_SEEN_OFF(
      "DAY-021",
      "Nobody has said that the compute is switched off.",
      "Switch it off (`kindling node power NODE off`, or by hand) and see that it is; then say it"
          + " again with `--off`."),
  NOT_CLEARED(
      "DAY-022",
      "The compute did not clear away what it had of guests that are elsewhere now.",
      "See nova-compute.log on it; then `kindling operation resume`."),
  NO_ANSWER(
      "DAY-015",
      "A node could not be asked what it has.",
      "See that it runs and answers SSH, and `kindling logs NODE`; then say it again.");

  private final Entry entry;

  DayTwoError(String id, String summary, String cure) {
    this.entry = new Entry(id, summary, cure);
  }

  @Override
  public Entry entry() {
    return entry;
  }
}
