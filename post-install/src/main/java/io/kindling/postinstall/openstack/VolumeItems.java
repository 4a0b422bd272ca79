package io.kindling.postinstall.openstack;

import static io.kindling.postinstall.openstack.OpenStackFiles.OURS;
import static io.kindling.postinstall.openstack.OpenStackFiles.YES;
import static io.kindling.postinstall.openstack.OpenStackFiles.arguments;
import static io.kindling.postinstall.openstack.OpenStackFiles.secret;
import static io.kindling.postinstall.openstack.OpenStackFiles.uwsgiPath;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Folder;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Packages;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import io.kindling.postinstall.openstack.OpenStackModel.VolumeHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Cinder. Volumes of type `ceph` lie in Ceph's pool `volumes`, clones of their images, and their
/// backups in its pool `backups`; those of type `lvm` in a volume group of the hosts that have one,
/// which export them by iSCSI. Pure.
final class VolumeItems {
  static final String CEPH = "ceph";
  static final String LVM = "lvm";

  /// The volume group of nodes with role `cinder-lvm`.
  private static final String GROUP = "cinder";

  private static final String CONF = "/etc/cinder/cinder.conf";
  private static final String KEYRING =
      "/etc/ceph/ceph." + OpenStackModel.VOLUMES_USER + ".keyring";
  private static final String BACKUPS_KEYRING =
      "/etc/ceph/ceph." + OpenStackModel.BACKUPS_USER + ".keyring";
  private static final String TARGETS = "/etc/systemd/system/tgt.service.d/kindling.conf";
  private static final String SERVICE_UP = "/usr/local/lib/kindling/volume-service-up";
  private static final String HOME = "/var/lib/cinder/";
  private static final String VOLUMES = "cinder-volume";
  private static final String BACKUPS = "cinder-backup";
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final OpenStackModel model;
  private final OpenStackFiles files;

  VolumeItems(OpenStackModel model, OpenStackFiles files) {
    this.model = model;
    this.files = files;
  }

  /// Of the controller.
  static List<String> packages(OpenStackModel model) {
    var names = new ArrayList<String>();
    if (!model.volumeTypes().isEmpty()) {
      names.addAll(List.of("cinder-api", "cinder-scheduler"));
    }
    if (model.volumesKey() != null) {
      names.addAll(List.of(VOLUMES, BACKUPS));
    }
    return names;
  }

  /// Of a host with a volume group.
  static Packages hostPackages() {
    return new Packages(List.of(VOLUMES, "tgt", "lvm2", "thin-provisioning-tools", "qemu-utils"));
  }

  List<Item> cinder() {
    String key = model.volumesKey();
    String backupsKey = model.backupsKey();
    boolean ceph = false;
    var items = new ArrayList<Item>();
    if (key != null && backupsKey != null) {
      ceph = true;
      items.add(keyring(KEYRING, OpenStackModel.VOLUMES_USER, key));
      items.add(keyring(BACKUPS_KEYRING, OpenStackModel.BACKUPS_USER, backupsKey));
    }
    if (!model.volumeHosts().isEmpty()) {
      items.add(groupsOfGuests());
    }
    items.add(conf(model.control()));
    items.add(files.uwsgi(Service.VOLUME, "/usr/bin/cinder-wsgi"));
    items.add(arguments("cinder-api", Service.VOLUME));
    items.add(conversion());
    items.add(OpenStackFiles.program(SERVICE_UP, "volume-service-up.sh"));
    items.add(
        new Action(
            "tables of cinder",
            OpenStackPlan.asked(Service.VOLUME, "SELECT 1 FROM alembic_version"),
            List.of(Command.of("runuser", "-u", "cinder", "--", "cinder-manage", "db", "sync"))));
    items.add(IdentityItems.password(Service.VOLUME.user));
    items.add(
        Unit.running(
            "cinder-api.service", CONF, uwsgiPath(Service.VOLUME), "/etc/default/cinder-api"));
    items.add(Unit.running("cinder-scheduler.service", CONF));
    if (ceph) {
      items.add(Unit.running("cinder-volume.service", CONF, KEYRING, "/etc/ceph/ceph.conf"));
      items.add(
          Unit.running(
              "cinder-backup.service", CONF, KEYRING, BACKUPS_KEYRING, "/etc/ceph/ceph.conf"));
    }
    items.add(OpenStackPlan.answers(model, Service.VOLUME, OpenStackError.VOLUMES));
    if (ceph) {
      items.add(up(VOLUMES, model.control().name() + "@" + CEPH));
      items.add(up(BACKUPS, model.control().name()));
      items.add(type(CEPH));
    }
    return items;
  }

  /// On a host with a volume group. Its targets listen at its address in the network of storage.
  List<Item> exported(VolumeHost host) {
    return List.of(
        new Gate(
            "volume group " + GROUP,
            Command.of(OpenStackFiles.YES, "vgs", "--noheadings", "-o", "vg_name", GROUP),
            Duration.ofSeconds(1),
            OpenStackError.NO_VOLUME_GROUP),
        ManagedFile.of(
            TARGETS,
            OURS
                + """
                [Unit]
                Wants=network-online.target
                After=network-online.target
                [Service]
                ExecStart=
                ExecStart=/usr/sbin/tgtd -f --iscsi portal=%s:%d
                """
                    .formatted(host.portal(), Firewall.ISCSI)),
        new Folder(HOME + "volumes", "cinder", "cinder", "0750"),
        conversion(),
        conf(host.host()),
        Unit.running("tgt.service", TARGETS),
        Unit.running("cinder-volume.service", CONF));
  }

  /// Waits on the controller until every such host is up.
  List<Item> joined() {
    String[] names =
        model.volumeHosts().stream().map(h -> h.name() + "@" + LVM).toArray(String[]::new);
    return List.of(up(VOLUMES, names), type(LVM));
  }

  /// Where volumes come by iSCSI: the groups that guests make on theirs are not this host's. A disk
  /// is left out by that name of it, whatever else it is called (man 5 lvm.conf, `global_filter`).
  static ManagedFile groupsOfGuests() {
    return ManagedFile.of(
        "/etc/lvm/lvmlocal.conf",
        OURS + "devices {\n\tglobal_filter = [ \"r|^/dev/disk/by-path/ip-.*-iscsi-|\" ]\n}\n");
  }

  private static Folder conversion() {
    return new Folder(HOME + "conversion", "cinder", "cinder", "0750");
  }

  private static Action type(String name) {
    return new Action(
        "volume type " + name,
        Command.of(YES, "openstack", "--os-cloud", "kindling", "volume", "type", "show", name),
        List.of(
            Command.of(
                "openstack",
                "--os-cloud",
                "kindling",
                "volume",
                "type",
                "create",
                "--property",
                "volume_backend_name=" + name,
                name)));
  }

  private static ManagedFile keyring(String path, String user, String key) {
    return secret(path, "cinder", "[" + user + "]\n\tkey = " + key + "\n", key);
  }

  private static Gate up(String binary, String... hosts) {
    var argv = new ArrayList<>(List.of(SERVICE_UP, binary));
    argv.addAll(List.of(hosts));
    return new Gate(binary + " is up", new Command(argv), PATIENCE, OpenStackError.VOLUMES);
  }

  private ManagedFile conf(Host host) {
    var backends = new ArrayList<String>();
    var sections = new StringBuilder();
    if (model.volumesKey() != null && host.name().equals(model.control().name())) {
      backends.add(CEPH);
      sections.append(inCeph());
    }
    model.volumeHosts().stream()
        .filter(h -> h.name().equals(host.name()))
        .forEach(h -> {
          backends.add(LVM);
          sections.append(inGroup(h));
        });
    return secret(
        CONF,
        "cinder",
        OURS
            + "[DEFAULT]\n"
            + files.queueAddress()
            + """
            my_ip = %s
            log_dir = /var/log/cinder
            state_path = /var/lib/cinder
            image_conversion_dir = %sconversion
            default_volume_type = %s
            glance_api_servers = %s
            """
                .formatted(
                    host.address(),
                    HOME,
                    model.volumeTypes().getFirst(),
                    ImageItems.internalUrl(model))
            + (backends.isEmpty() ? "" : "enabled_backends = " + String.join(",", backends) + "\n")
            + (model.backupsKey() == null ? "" : BACKUP)
            + sections
            + """

            [oslo_concurrency]
            lock_path = /var/lock/cinder

            [oslo_middleware]
            enable_proxy_headers_parsing = true
            """
            + files.queueSections()
            + files.databaseSection("database", Service.VOLUME)
            + files.authSection(Service.VOLUME),
        model.secret("queue"),
        model.secret("database.cinder"),
        model.secret("service.cinder"));
  }

  private static final String BACKUP =
      """
      backup_driver = cinder.backup.drivers.ceph.CephBackupDriver
      backup_ceph_conf = /etc/ceph/ceph.conf
      backup_ceph_user = cinder-backup
      backup_ceph_pool = backups
      restore_discard_excess_bytes = true
      """;

  private static String inCeph() {
    return """

    [%1$s]
    volume_driver = cinder.volume.drivers.rbd.RBDDriver
    volume_backend_name = %1$s
    rbd_pool = volumes
    rbd_user = cinder
    rbd_secret_uuid = %2$s
    rbd_ceph_conf = /etc/ceph/ceph.conf
    rbd_cluster_name = ceph
    rbd_max_clone_depth = 5
    rbd_flatten_volume_from_snapshot = false
    rbd_exclusive_cinder_pool = true
    rados_connect_timeout = 5
    report_discard_supported = true
    """
        .formatted(CEPH, Guests.secretOf(OpenStackModel.VOLUMES_USER));
  }

  /// Thin: a snapshot costs what is written after it.
  private static String inGroup(VolumeHost host) {
    return """

    [%1$s]
    volume_driver = cinder.volume.drivers.lvm.LVMVolumeDriver
    volume_backend_name = %1$s
    volume_group = %2$s
    lvm_type = thin
    target_helper = tgtadm
    target_protocol = iscsi
    target_ip_address = %3$s
    target_port = %4$d
    """
        .formatted(LVM, GROUP, host.portal(), Firewall.ISCSI);
  }
}
