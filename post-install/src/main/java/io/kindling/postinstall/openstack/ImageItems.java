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
        conf(),
        new Folder(HOME + "staging", "glance", "glance", "0750"),
        new Folder(HOME + "tasks", "glance", "glance", "0750"),
        new Action(
            "tables of glance",
            asGlance(YES, "glance-manage", "--config-file", CONF, "db", "check"),
            List.of(asGlance("glance-manage", "--config-file", CONF, "db", "sync"))),
        Unit.running("glance-api.service", CONF, KEYRING, "/etc/ceph/ceph.conf"),
        OpenStackPlan.answers(model, Service.IMAGE, OpenStackError.IMAGES));
  }

  private static Command asGlance(String... words) {
    var argv = new ArrayList<>(List.of("runuser", "-u", "glance", "--"));
    argv.addAll(List.of(words));
    return new Command(argv);
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
  private ManagedFile conf() {
    return secret(
        CONF,
        "glance",
        OURS
            + """
            [DEFAULT]
            bind_host = %1$s
            bind_port = %2$d
            workers = 2
            log_dir = /var/log/glance
            log_file = glance-api.log
            enabled_backends = rbd:rbd
            enabled_import_methods = [glance-direct]
            show_image_direct_url = false
            show_multiple_locations = false
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

            [oslo_concurrency]
            lock_path = /var/lock/glance

            [oslo_middleware]
            enable_proxy_headers_parsing = true
            """
                .formatted(model.control().address(), Service.IMAGE.port, HOME)
            + files.databaseSection("database", Service.IMAGE)
            + files.authSection(Service.IMAGE),
        model.secret("database.glance"),
        model.secret("service.glance"));
  }
}
