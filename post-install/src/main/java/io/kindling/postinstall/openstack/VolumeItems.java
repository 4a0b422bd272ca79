package io.kindling.postinstall.openstack;

import static io.kindling.postinstall.openstack.OpenStackFiles.OURS;
import static io.kindling.postinstall.openstack.OpenStackFiles.YES;
import static io.kindling.postinstall.openstack.OpenStackFiles.arguments;
import static io.kindling.postinstall.openstack.OpenStackFiles.secret;
import static io.kindling.postinstall.openstack.OpenStackFiles.uwsgiPath;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Folder;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import java.time.Duration;
import java.util.List;

/// Cinder, whose volumes lie in Ceph's pool `volumes`, clones of their images, and their backups in
/// its pool `backups`. Pure.
final class VolumeItems {
  private static final String CONF = "/etc/cinder/cinder.conf";
  private static final String KEYRING =
      "/etc/ceph/ceph." + OpenStackModel.VOLUMES_USER + ".keyring";
  private static final String BACKUPS_KEYRING =
      "/etc/ceph/ceph." + OpenStackModel.BACKUPS_USER + ".keyring";
  private static final String SERVICE_UP = "/usr/local/lib/kindling/volume-service-up";
  private static final String HOME = "/var/lib/cinder/";
  static final String TYPE = "ceph";
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final OpenStackModel model;
  private final OpenStackFiles files;
  private final String key;
  private final String backupsKey;

  VolumeItems(OpenStackModel model, OpenStackFiles files, String key, String backupsKey) {
    this.model = model;
    this.files = files;
    this.key = key;
    this.backupsKey = backupsKey;
  }

  List<Item> cinder() {
    return List.of(
        keyring(KEYRING, OpenStackModel.VOLUMES_USER, key),
        keyring(BACKUPS_KEYRING, OpenStackModel.BACKUPS_USER, backupsKey),
        conf(),
        files.uwsgi(Service.VOLUME, "/usr/bin/cinder-wsgi"),
        arguments("cinder-api", Service.VOLUME),
        new Folder(HOME + "conversion", "cinder", "cinder", "0750"),
        OpenStackFiles.program(SERVICE_UP, "volume-service-up.sh"),
        new Action(
            "tables of cinder",
            OpenStackPlan.asked(Service.VOLUME, "SELECT 1 FROM alembic_version"),
            List.of(Command.of("runuser", "-u", "cinder", "--", "cinder-manage", "db", "sync"))),
        IdentityItems.password(Service.VOLUME.user),
        Unit.running(
            "cinder-api.service", CONF, uwsgiPath(Service.VOLUME), "/etc/default/cinder-api"),
        Unit.running("cinder-scheduler.service", CONF),
        Unit.running("cinder-volume.service", CONF, KEYRING, "/etc/ceph/ceph.conf"),
        Unit.running(
            "cinder-backup.service", CONF, KEYRING, BACKUPS_KEYRING, "/etc/ceph/ceph.conf"),
        OpenStackPlan.answers(model, Service.VOLUME, OpenStackError.VOLUMES),
        up("cinder-volume"),
        up("cinder-backup"),
        new Action(
            "volume type " + TYPE,
            openstack(YES, "show", TYPE),
            List.of(
                Command.of(
                    "openstack",
                    "--os-cloud",
                    "kindling",
                    "volume",
                    "type",
                    "create",
                    "--property",
                    "volume_backend_name=" + TYPE,
                    TYPE))));
  }

  private static ManagedFile keyring(String path, String user, String key) {
    return secret(path, "cinder", "[" + user + "]\n\tkey = " + key + "\n", key);
  }

  private static Gate up(String binary) {
    return new Gate(
        binary + " is up", Command.of(SERVICE_UP, binary), PATIENCE, OpenStackError.VOLUMES);
  }

  private static Command openstack(String before, String verb, String type) {
    return Command.of(before, "openstack", "--os-cloud", "kindling", "volume", "type", verb, type);
  }

  private ManagedFile conf() {
    return secret(
        CONF,
        "cinder",
        OURS
            + "[DEFAULT]\n"
            + files.queueAddress()
            + """
            my_ip = %1$s
            log_dir = /var/log/cinder
            state_path = /var/lib/cinder
            image_conversion_dir = %2$sconversion
            enabled_backends = %3$s
            default_volume_type = %3$s
            glance_api_servers = %4$s
            backup_driver = cinder.backup.drivers.ceph.CephBackupDriver
            backup_ceph_conf = /etc/ceph/ceph.conf
            backup_ceph_user = cinder-backup
            backup_ceph_pool = backups
            restore_discard_excess_bytes = true

            [%3$s]
            volume_driver = cinder.volume.drivers.rbd.RBDDriver
            volume_backend_name = %3$s
            rbd_pool = volumes
            rbd_user = cinder
            rbd_secret_uuid = %5$s
            rbd_ceph_conf = /etc/ceph/ceph.conf
            rbd_cluster_name = ceph
            rbd_max_clone_depth = 5
            rbd_flatten_volume_from_snapshot = false
            rbd_exclusive_cinder_pool = true
            rados_connect_timeout = 5
            report_discard_supported = true

            [oslo_concurrency]
            lock_path = /var/lock/cinder

            [oslo_middleware]
            enable_proxy_headers_parsing = true
            """
                .formatted(
                    model.control().address(),
                    HOME,
                    TYPE,
                    ImageItems.internalUrl(model),
                    Guests.secretOf(OpenStackModel.VOLUMES_USER))
            + files.queueSections()
            + files.databaseSection("database", Service.VOLUME)
            + files.authSection(Service.VOLUME),
        model.secret("queue"),
        model.secret("database.cinder"),
        model.secret("service.cinder"));
  }
}
