package io.kindling.postinstall.openstack;

import static io.kindling.postinstall.openstack.OpenStackFiles.OURS;
import static io.kindling.postinstall.openstack.OpenStackFiles.YES;
import static io.kindling.postinstall.openstack.OpenStackFiles.secret;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Folder;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import java.util.ArrayList;
import java.util.List;

/// Glance, whose images lie in Ceph's pool `images`. Pure.
final class ImageItems {
  private static final String CONF = "/etc/glance/glance-api.conf";
  private static final String INTERNAL_CONF = "/etc/glance/glance-api-internal.conf";
  private static final String INTERNAL_UNIT = "kindling-glance-internal.service";
  static final int INTERNAL_PORT = 9293;
  private static final String KEYRING = "/etc/ceph/ceph." + OpenStackModel.IMAGES_USER + ".keyring";
  private static final String HOME = "/var/lib/glance/";

  private final OpenStackModel model;
  private final OpenStackFiles files;

  ImageItems(OpenStackModel model, OpenStackFiles files) {
    this.model = model;
    this.files = files;
  }

  List<Item> glance() {
    return List.of(
        keyring(),
        conf(CONF, Service.IMAGE.port, false),
        new Folder(HOME + "staging", "glance", "glance", "0750"),
        new Folder(HOME + "tasks", "glance", "glance", "0750"),
        new Action(
            "tables of glance",
            asGlance(YES, "glance-manage", "--config-file", CONF, "db", "check"),
            List.of(asGlance("glance-manage", "--config-file", CONF, "db", "sync"))),
        IdentityItems.password(Service.IMAGE.user),
        Unit.running("glance-api.service", CONF, KEYRING, "/etc/ceph/ceph.conf"),
        OpenStackPlan.answers(model, Service.IMAGE, OpenStackError.IMAGES));
  }

  private static Command asGlance(String... words) {
    var argv = new ArrayList<>(List.of("runuser", "-u", "glance", "--"));
    argv.addAll(List.of(words));
    return new Command(argv);
  }

  /// A second Glance for services alone, which tells where an image lies: only so can a volume be a
  /// clone of it. It is not in the catalogue.
  List<Item> internal() {
    return List.of(
        conf(INTERNAL_CONF, INTERNAL_PORT, true),
        ManagedFile.of(
            "/etc/systemd/system/" + INTERNAL_UNIT,
            OURS
                + """
                [Unit]
                Description=Glance for other services
                Wants=network-online.target
                After=network-online.target mariadb.service
                [Service]
                User=glance
                Group=glance
                WorkingDirectory=/var/lib/glance
                RuntimeDirectory=glance-internal
                ExecStart=/usr/bin/glance-api --config-file=%s
                Restart=on-failure
                LimitNOFILE=65535
                [Install]
                WantedBy=multi-user.target
                """
                    .formatted(INTERNAL_CONF)),
        Unit.running(INTERNAL_UNIT, INTERNAL_CONF, KEYRING, "/etc/ceph/ceph.conf"),
        OpenStackPlan.answers(
            model, "image for services", INTERNAL_PORT, Service.IMAGE, OpenStackError.IMAGES));
  }

  /// Where services ask it.
  static String internalUrl(OpenStackModel model) {
    return "http://%s:%d".formatted(model.control().address(), INTERNAL_PORT);
  }

  private ManagedFile keyring() {
    return secret(
        KEYRING,
        "glance",
        "[" + OpenStackModel.IMAGES_USER + "]\n\tkey = " + model.imagesKey() + "\n",
        model.imagesKey());
  }

  /// Images that are imported become raw, which alone can be cloned in Ceph. Where an image lies is
  /// not told to clients. A download by the controller itself (`web-download`) is not offered: it
  /// would reach what the user cannot.
  ///
  /// @param telling whether it tells where an image lies
  private ManagedFile conf(String path, int port, boolean telling) {
    String name = telling ? "glance-internal" : "glance";
    return secret(
        path,
        "glance",
        OURS
            + """
            [DEFAULT]
            bind_host = %1$s
            bind_port = %2$d
            workers = 2
            log_dir = /var/log/glance
            log_file = %4$s-api.log
            enabled_backends = rbd:rbd
            enabled_import_methods = [glance-direct]
            show_image_direct_url = %5$s
            show_multiple_locations = %5$s
            worker_self_reference_url = http://%1$s:%2$d

            [glance_store]
            default_backend = rbd

            [rbd]
            rbd_store_pool = images
            rbd_store_user = glance
            rbd_store_ceph_conf = /etc/ceph/ceph.conf
            rbd_store_chunk_size = 8
            rbd_thin_provisioning = true

            [os_glance_staging_store]
            filesystem_store_datadir = %3$sstaging

            [os_glance_tasks_store]
            filesystem_store_datadir = %3$stasks

            [task]
            work_dir = %3$stasks

            [image_import_opts]
            image_import_plugins = [image_conversion]

            [image_conversion]
            output_format = raw

            [paste_deploy]
            flavor = keystone
            config_file = /etc/glance/glance-api-paste.ini

            [oslo_concurrency]
            lock_path = /run/%4$s

            [oslo_middleware]
            enable_proxy_headers_parsing = true
            """
                .formatted(model.control().address(), port, HOME, name, telling)
            + files.databaseSection("database", Service.IMAGE)
            + files.authSection(Service.IMAGE),
        model.secret("database.glance"),
        model.secret("service.glance"));
  }
}
