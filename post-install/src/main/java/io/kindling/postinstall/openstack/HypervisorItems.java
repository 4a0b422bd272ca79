package io.kindling.postinstall.openstack;

import static io.kindling.postinstall.openstack.OpenStackFiles.OURS;
import static io.kindling.postinstall.openstack.OpenStackFiles.secret;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Absent;
import io.kindling.postinstall.engine.Item.Folder;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.Guests.Compute;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// libvirt and nova-compute on a compute. Pure.
final class HypervisorItems {
  private static final String PKI = "/etc/pki/";
  private static final String LIBVIRT = "/etc/libvirt/";
  private static final String UNITS = "/etc/systemd/system/";
  private static final String ARGUMENTS = "/etc/default/libvirtd";
  private static final String KVM = "kvm";
  private static final String VIRTUALIZATION = "/etc/nova/nova-compute.conf";
  private static final String KEYRING = "/etc/ceph/ceph." + Guests.DISKS_USER + ".keyring";

  /// Who QEMU runs as.
  private static final String QEMU = "libvirt-qemu";

  private final OpenStackModel model;
  private final Guests guests;
  private final OpenStackFiles files;

  HypervisorItems(OpenStackModel model, Guests guests, OpenStackFiles files) {
    this.model = model;
    this.guests = guests;
    this.files = files;
  }

  static List<String> packages() {
    return List.of("nova-compute", "nova-compute-kvm", "ceph-common", "python3-rbd");
  }

  /// What [#libvirt] and [#nova] began, ended; keys of Ceph go with it.
  static List<Item> off() {
    var items = new ArrayList<Item>();
    for (String unit :
        List.of(
            "nova-compute.service",
            "libvirtd.service",
            "libvirtd.socket",
            "libvirtd-ro.socket",
            "libvirtd-admin.socket",
            "libvirtd-tls.socket")) {
      items.add(Unit.off(unit));
    }
    items.add(new Absent(KEYRING));
    for (String entity : OpenStackModel.cephUsers()) {
      String path = LIBVIRT + "secrets/" + Guests.secretOf(entity);
      items.add(new Absent(path + ".xml"));
      items.add(new Absent(path + ".base64"));
    }
    return items;
  }

  /// With it the keys of guests' disks: those of libvirt, and Nova's own.
  List<Item> libvirt(Compute compute) {
    var items = new ArrayList<Item>();
    if (guests.virtualization().equals(KVM)) {
      items.add(
          new Gate(
              "virtualization of the processor",
              Command.of("test", "-c", "/dev/kvm"),
              Duration.ofSeconds(1),
              OpenStackError.NO_KVM));
    }
    if (!model.volumeHosts().isEmpty()) {
      items.add(VolumeItems.groupsOfGuests());
    }
    var read = new ArrayList<String>();
    for (ManagedFile file : libvirtFiles(compute)) {
      items.add(file);
      read.add(file.path());
    }
    items.add(new Folder(LIBVIRT + "secrets", "root", "root", "0700"));
    for (Map.Entry<String, String> key : model.cephKeys().entrySet()) {
      for (ManagedFile file : libvirtSecret(key.getKey(), key.getValue())) {
        items.add(file);
        read.add(file.path());
      }
    }
    items.add(
        ManagedFile.of(
            UNITS + "libvirtd.socket.d/kindling.conf",
            OURS + "[Socket]\nSocketMode=0660\nSocketGroup=libvirt\n"));
    items.add(
        ManagedFile.of(
            UNITS + "libvirtd-tls.socket.d/kindling.conf",
            OURS
                + "[Socket]\nListenStream=\nListenStream=%s:16514\nFreeBind=true\n"
                    .formatted(compute.address())));
    items.add(Unit.running("libvirtd.socket"));
    items.add(Unit.running("libvirtd-tls.socket"));
    items.add(Unit.running("libvirtd.service", read.toArray(String[]::new)));
    String disks = guests.diskKey();
    if (disks != null) {
      items.add(
          secret(KEYRING, "nova", "[" + Guests.DISKS_USER + "]\n\tkey = " + disks + "\n", disks));
    }
    return items;
  }

  /// Computes speak to each other over TLS, each with a certificate, libvirt and QEMU alike. A host
  /// is known by its machine-id: makers give the same serial number to many a board. It does not
  /// end when it is idle: what is to run is seen to run.
  private List<ManagedFile> libvirtFiles(Compute compute) {
    var files = new ArrayList<ManagedFile>();
    files.add(
        ManagedFile.of(
            LIBVIRT + "libvirtd.conf",
            OURS
                + """
                auth_unix_ro = "none"
                auth_unix_rw = "none"
                auth_tls = "none"
                tls_no_verify_certificate = 0
                host_uuid_source = "machine-id"
                """));
    files.add(
        ManagedFile.of(
            LIBVIRT + "qemu.conf",
            OURS
                + """
                default_tls_x509_cert_dir = "/etc/pki/qemu"
                default_tls_x509_verify = 1
                migrate_tls_force = 1
                """));
    files.add(ManagedFile.of(ARGUMENTS, OURS + "LIBVIRTD_ARGS=\"\"\n"));
    files.add(ManagedFile.of(PKI + "CA/cacert.pem", guests.authority()));
    files.add(ManagedFile.of(PKI + "qemu/ca-cert.pem", guests.authority()));
    for (String side : List.of("server", "client")) {
      files.add(ManagedFile.of(PKI + "libvirt/" + side + "cert.pem", compute.certificate()));
      files.add(
          new ManagedFile(
              PKI + "libvirt/private/" + side + "key.pem",
              "root",
              "root",
              "0600",
              compute.key(),
              List.of(compute.key())));
      files.add(ManagedFile.of(PKI + "qemu/" + side + "-cert.pem", compute.certificate()));
      files.add(secret(PKI + "qemu/" + side + "-key.pem", QEMU, compute.key(), compute.key()));
    }
    return files;
  }

  /// As libvirt itself keeps them: read at its start, no key on a command line.
  private static List<ManagedFile> libvirtSecret(String entity, String key) {
    String uuid = Guests.secretOf(entity).toString();
    String path = LIBVIRT + "secrets/" + uuid;
    return List.of(
        new ManagedFile(
            path + ".xml",
            "root",
            "root",
            "0600",
            """
            <secret ephemeral='no' private='no'>
              <uuid>%s</uuid>
              <usage type='ceph'>
                <name>%s secret</name>
              </usage>
            </secret>
            """
                .formatted(uuid, entity),
            List.of()),
        new ManagedFile(path + ".base64", "root", "root", "0600", key, List.of(key)));
  }

  List<Item> nova(Compute compute) {
    var items = new ArrayList<Item>();
    items.add(new NovaFiles(model, guests, files).conf(compute.host()));
    // Read after nova.conf, which on a controller leads to the databases: nova-compute reaches
    // none.
    items.add(
        ManagedFile.of(
            VIRTUALIZATION,
            OURS
                + """
                [DEFAULT]
                compute_driver = libvirt.LibvirtDriver

                [libvirt]
                virt_type = %s

                [database]
                connection =

                [api_database]
                connection =
                """
                    .formatted(guests.virtualization())));
    items.add(Unit.running("nova-compute.service", NovaFiles.CONF, VIRTUALIZATION, KEYRING));
    return items;
  }
}
