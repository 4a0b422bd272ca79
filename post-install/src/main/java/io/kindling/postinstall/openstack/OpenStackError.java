package io.kindling.postinstall.openstack;

import io.kindling.postinstall.engine.NamedError;

/// What can go wrong with OpenStack's services. The ids are stable.
public enum OpenStackError implements NamedError {
  QUEUE(
      "OST-001",
      "RabbitMQ does not answer.",
      "See `/var/log/rabbitmq` and `journalctl -u rabbitmq-server` on the controller; its own name"
          + " must lead to its own address in `/etc/hosts`; then resume."),
  IDENTITY(
      "OST-002",
      "Keystone does not answer, or refuses what the appliance asks.",
      "See `/var/log/keystone` and `journalctl -u keystone` on the controller; then resume."),
  IMAGES(
      "OST-003",
      "Glance does not answer.",
      "See `/var/log/glance` and `journalctl -u glance-api` on the controller. It starts only where"
          + " Ceph lets `client.glance` in: `./kindling check`; then resume."),
  PLACEMENT(
      "OST-004",
      "Placement does not answer.",
      "See `/var/log/placement` and `journalctl -u placement-api` on the controller; then resume."),
  VOLUMES(
      "OST-005",
      "Cinder does not answer, or cannot make volumes.",
      "See `/var/log/cinder` and `journalctl -u cinder-api -u cinder-scheduler -u cinder-volume` on"
          + " the controller. It makes volumes only where Ceph lets `client.cinder` in: `./kindling"
          + " check`; then resume."),
  FRONT(
      "OST-006",
      "A service does not answer at the virtual address.",
      "See `journalctl -u haproxy -u keepalived` on the controllers; then resume."),
  OBJECTS(
      "OST-007",
      "RADOS Gateway does not answer at the virtual address's port for objects.",
      "See `journalctl -u haproxy -u 'ceph-radosgw@*'` on the gateways' hosts; then resume."),
  DASHBOARD(
      "OST-008",
      "The dashboard does not answer.",
      "See `/var/log/horizon/dashboard-uwsgi.log` and `journalctl -u kindling-dashboard` on the"
          + " controller; then resume."),
  COMPUTE(
      "OST-021",
      "Nova does not answer.",
      "See `/var/log/nova` and `journalctl -u nova-api -u nova-conductor -u nova-scheduler` on the"
          + " controller; then resume."),
  NETWORK(
      "OST-022",
      "Neutron does not answer.",
      "See `/var/log/neutron` and `/var/log/ovn` on the controller; then resume."),
  HYPERVISOR(
      "OST-023",
      "A compute does not come up.",
      "See `/var/log/nova/nova-compute.log`, `/var/log/neutron`, `/var/log/ovn` and `journalctl -u"
          + " libvirtd` on the host that is named; it must reach the controller's ports 5672, 6642,"
          + " 9293 and the virtual address; then resume."),
  NO_KVM(
      "OST-024",
      "A compute's processor offers no virtualization.",
      "Switch it on in the machine's firmware (VT-x, AMD-V, SVM); or, where guests may be slow,"
          + " write `virtualization: qemu` under `openstack` in cluster.yaml; then resume."),
  FIREWALL(
      "OST-025",
      "A host's firewall cannot be loaded; the former rules stay.",
      "The text is nftables' own. Rules that were written by hand lie in"
          + " `/etc/kindling/firewall.d`: `nft -c -f /etc/kindling/firewall.nft` on the host tries"
          + " them without loading; then resume."),
  NO_VOLUME_GROUP(
      "OST-026",
      "A host with role cinder-lvm has no volume group of that name.",
      "Its layout makes the group `cinder` when it is installed: `vgs` on the host tells what is"
          + " there. A machine that came with a system of its own needs one made by hand:"
          + " `vgcreate cinder DISK`; then resume.");

  private final Entry entry;

  OpenStackError(String id, String summary, String cure) {
    this.entry = new Entry(id, summary, cure);
  }

  @Override
  public Entry entry() {
    return entry;
  }
}
