package io.kindling.postinstall.ceph;

import io.kindling.postinstall.engine.NamedError;

/// What can go wrong with the Ceph cluster. The ids are stable.
public enum CephError implements NamedError {
  CLOCK(
      "CEPH-001",
      "A monitor host's clock is not within 50 ms of the appliance's.",
      "See `chronyc sources` and `chronyc tracking` on it; a clock far off needs `chronyc makestep`"
          + " or its hardware clock set; then resume."),
  QUORUM(
      "CEPH-002",
      "The monitors do not form a quorum.",
      "Check that they reach each other's TCP ports 3300 and 6789 on the storage network, and"
          + " `journalctl -u ceph-mon@NAME`; then resume."),
  FOREIGN_MON_STORE(
      "CEPH-003",
      "A monitor's store of another cluster is on the node.",
      "Is that cluster wanted? If not, move the folder away on the node, then resume."),
  MGR(
      "CEPH-004",
      "No manager became active.",
      "See `journalctl -u ceph-mgr@NAME` on the monitor hosts; then resume."),
  PARTITION_MISSING(
      "CEPH-005",
      "A planned Ceph partition is not on the node.",
      "A disk was taken out or failed after partitioning: put it back, or install the node anew."),
  DB_MISSING(
      "CEPH-006",
      "An OSD's db partition is missing, or another one stands in its place.",
      "Put the journal device back. Where it is dead, every OSD with its db there must be made"
          + " anew."),
  FOREIGN_OSD(
      "CEPH-007",
      "A planned Ceph partition holds an OSD of another cluster.",
      "Is that cluster's data wanted? If not, reinstall the node: a new attempt wipes it."),
  OSD_PREPARE(
      "CEPH-008",
      "No OSD could be made of a drive.",
      "The log names the error; look at the drive (`smartctl -a`, `dmesg`), replace it, then"
          + " resume. Its traces were removed."),
  OSD_START(
      "CEPH-009",
      "An OSD does not start.",
      "See `journalctl -u ceph-osd@N` on its node; check its drive; then resume."),
  OSDS_DOWN(
      "CEPH-010",
      "Not every OSD is up and in.",
      "See the OSDs named and their nodes' logs; check that hosts reach each other on the storage"
          + " and replication networks (MTU too); then resume."),
  HEALTH(
      "CEPH-011",
      "The cluster is not healthy.",
      "`ceph health detail` on a monitor host says more about the codes named; mend them, then"
          + " resume."),
  GATEWAY(
      "CEPH-012",
      "A RADOS Gateway, or the load balancer before it, does not answer.",
      "See `journalctl -u 'ceph-radosgw@*' -u haproxy -u keepalived` on its host; then resume.");

  private final Entry entry;

  CephError(String id, String summary, String cure) {
    this.entry = new Entry(id, summary, cure);
  }

  @Override
  public Entry entry() {
    return entry;
  }
}
