package io.kindling.postinstall.check;

import io.kindling.postinstall.engine.NamedError;

/// What a check finds. The ids are stable.
public enum CheckError implements NamedError {
  UNREACHABLE(
      "CHK-001",
      "A node does not let the appliance in, so nothing is known of it.",
      "Is it on, and its network whole? `./kindling deploy --resume` waits for it and mends it."),
  NO_ANSWER(
      "CHK-002",
      "The cluster does not answer, or not to everything.",
      "See `ceph -s` on a monitor host, and `systemctl status 'ceph-mon@*'` on each."),
  HEALTH(
      "CHK-003",
      "Ceph itself reports trouble.",
      "`ceph health detail` on a monitor host says more about the code named."),
  QUORUM(
      "CHK-004",
      "A planned monitor is not in the quorum, or one is known that nobody planned.",
      "Start it (`systemctl start ceph-mon@NAME`); see its journal, and that TCP ports 3300 and"
          + " 6789 are open on the storage network."),
  MANAGER(
      "CHK-005",
      "A planned manager is missing, or none is active.",
      "Start it (`systemctl start ceph-mgr@NAME`) and see its journal."),
  OSD(
      "CHK-006",
      "A planned OSD is not up and in where it is to be.",
      "See `systemctl status ceph-osd@N` and its journal on its node; `./kindling deploy` starts it"
          + " again. A failed drive is to be replaced."),
  OSD_UNPLANNED(
      "CHK-007",
      "The cluster knows an OSD that no planned partition holds.",
      "Is its data wanted, put its drive or node back; else `ceph osd purge N` after its copies are"
          + " elsewhere (`ceph osd safe-to-destroy N`)."),
  NETWORK(
      "CHK-008",
      "A daemon uses an address outside the network that is meant for it.",
      "See the node's addresses and `public_network`, `cluster_network` in /etc/ceph/ceph.conf;"
          + " then restart the daemon."),
  POOL(
      "CHK-009",
      "A pool is missing or not as planned.",
      "`./kindling deploy` puts size, min_size and placement groups right and makes missing"
          + " pools."),
  CAPS(
      "CHK-010",
      "A service's user is missing or may do something else than planned.",
      "`./kindling deploy` puts it right."),
  ACCESS_MISSING(
      "CHK-011",
      "A service's key cannot do with a pool what the service needs.",
      "`./kindling deploy` puts its capabilities right; else see the text of the error."),
  ACCESS_TOO_MUCH(
      "CHK-012",
      "A service's key can do more with a pool than the service needs.",
      "`./kindling deploy` puts its capabilities right. Who had the key may have read or changed"
          + " that pool."),
  DATA(
      "CHK-013",
      "What is written does not come back.",
      "See `ceph -s`: placement groups that are not active serve nothing; full OSDs take no"
          + " writes."),
  CLOCK(
      "CHK-014",
      "A node's clock is not within 50 ms of its time source, or follows none.",
      "See `chronyc tracking` and `chronyc sources` on it; is the appliance's time service"
          + " reached?"),
  UNIT(
      "CHK-015",
      "A service does not run that the node is to run.",
      "See `systemctl status` and its journal on the node; `./kindling deploy` starts it again."),
  VIP(
      "CHK-016",
      "A virtual address is on no gateway's host, or on more than one.",
      "See `journalctl -u keepalived` on the gateways' hosts; they must reach each other by VRRP"
          + " (IP protocol 112)."),
  S3(
      "CHK-017",
      "S3 does not answer.",
      "See `journalctl -u haproxy -u 'ceph-radosgw@*'` on the gateways' hosts."),
  SERVICES(
      "CHK-018",
      "OpenStack's controller does not answer, or the look at its services broke off.",
      "The line names why. `./kindling deploy` puts its services right."),
  IDENTITY(
      "CHK-019",
      "Nobody can be made known to Keystone and log in.",
      "See `/var/log/keystone` on the controller, and `journalctl -u haproxy`; `./kindling deploy`"
          + " puts the administrator and the catalogue right."),
  IMAGE(
      "CHK-020",
      "An image cannot be uploaded, does not become raw, or comes back otherwise.",
      "See `/var/log/glance` on the controller; is there room in Ceph (`ceph df`)?"),
  VOLUME(
      "CHK-021",
      "A volume or snapshot cannot be made, or is a copy where it is to be a clone.",
      "See `/var/log/cinder` on the controller. Clones need raw images, and the second Glance that"
          + " tells Cinder where they lie (`systemctl status kindling-glance-internal`)."),
  BACKUP(
      "CHK-022",
      "A volume cannot be backed up, or its backup gives something else back.",
      "See `/var/log/cinder/cinder-backup.log` on the controller; is there room in Ceph?"),
  OBJECT(
      "CHK-023",
      "An object cannot be written and read with Keystone's login.",
      "See `journalctl -u 'ceph-radosgw@*'` on the gateways' hosts: they ask Keystone at its"
          + " virtual address, and must trust its certificate."),
  LEFT_OVER(
      "CHK-024",
      "What the check made could not be removed again.",
      "The next check tries again; else remove the project `kindling-check` and what is in it."),
  GUEST(
      "CHK-025",
      "A guest does not boot, loses what it wrote, or has a copy where a clone is to be.",
      "See `/var/log/nova/nova-compute.log` and `journalctl -u libvirtd` on the computes, and"
          + " `/var/log/nova` on the controller; `./kindling deploy` puts keys and services"
          + " right."),
  MOVE(
      "CHK-026",
      "A guest cannot be moved to another compute while it runs.",
      "See `/var/log/nova/nova-compute.log` on both computes: each must reach the other's TCP ports"
          + " 16514 and 49152 to 49215; `./kindling deploy` puts their certificates right."),
  SERVICE(
      "CHK-027",
      "A service of OpenStack is down, or a compute is not known.",
      "See its unit and its log on the host that is named; it must reach RabbitMQ (port 5672 of the"
          + " controller). `./kindling deploy` starts it again."),
  HYPERVISOR(
      "CHK-028",
      "Placement does not know what a compute has, so no guest is put there.",
      "See `/var/log/nova/nova-compute.log` on the compute that is named: it tells Placement each"
          + " minute, and says there why it cannot; after a new name of the host its old resource"
          + " provider stands in the way (`openstack resource provider list`)."),
  QUEUE(
      "CHK-029",
      "RabbitMQ does not answer, or its nodes have lost each other.",
      "`rabbitmqctl cluster_status` on the controllers names both sides; restart"
          + " `rabbitmq-server` on the smaller one once they reach each other again."),
  SECRET(
      "CHK-030",
      "A compute's libvirt does not have the key that opens guests' disks.",
      "`./kindling deploy` puts it back; until then no guest starts on that compute."),
  FIREWALL(
      "CHK-031",
      "A host's firewall is not loaded, or not as planned.",
      "`./kindling deploy` loads it again. Who could reach the host meanwhile could reach what its"
          + " services keep for each other."),
  LISTENER(
      "CHK-032",
      "Something listens on a host that the plan does not publish.",
      "The firewall lets nobody in there. Stop it (`ss -ltunp` names the process); or, where it is"
          + " meant, write a rule for it into `/etc/kindling/firewall.d` on the host."),
  DASHBOARD(
      "CHK-033",
      "Nobody gets into the dashboard, or finds there what is theirs.",
      "See `/var/log/horizon/dashboard-uwsgi.log` on the controller; sessions are in memcached"
          + " (`systemctl status memcached`). `./kindling deploy` puts its settings right.");

  private final Entry entry;

  CheckError(String id, String summary, String cure) {
    this.entry = new Entry(id, summary, cure);
  }

  @Override
  public Entry entry() {
    return entry;
  }
}
