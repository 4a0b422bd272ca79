package io.kindling.postinstall.openstack;

import static io.kindling.postinstall.openstack.OpenStackFiles.OURS;
import static io.kindling.postinstall.openstack.OpenStackFiles.secret;

import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import java.util.ArrayList;

/// Nova's configuration: one file on each host, for whatever parts of Nova it has. Pure.
final class NovaFiles {
  static final String CONF = "/etc/nova/nova.conf";
  static final int CONSOLE_PORT = 6080;
  static final int METADATA_PORT = 8775;

  /// In how many steps the pause that a moving guest may take grows to Nova's half a second.
  private static final int STEPS = 5;

  /// Until the next step, for each GiB of memory (two at least): as long as 1 Gbit/s takes to carry
  /// it. By Nova's own 75 the pause is long enough for a guest that writes after 25 minutes.
  private static final int PASS_SECONDS = 10;

  /// For each GiB; a guest that still writes faster than the network carries is then paused until
  /// it has moved, where Nova's own answer is to give up.
  private static final int MOVE_SECONDS = 150;

  private final OpenStackModel model;
  private final Guests guests;
  private final OpenStackFiles files;

  NovaFiles(OpenStackModel model, Guests guests, OpenStackFiles files) {
    this.model = model;
    this.guests = guests;
    this.files = files;
  }

  /// Only the controller reaches the databases.
  ManagedFile conf(Host host) {
    boolean control = host.name().equals(model.control().name());
    var text = new StringBuilder(OURS);
    var secrets = new ArrayList<String>();
    secrets.add(model.secret("queue"));
    secrets.add(model.secret("service.nova"));
    text.append("[DEFAULT]\n")
        .append(files.queueAddress())
        .append(
            """
            host = %s
            my_ip = %s
            log_dir = /var/log/nova
            state_path = /var/lib/nova

            [oslo_concurrency]
            lock_path = /var/lock/nova

            [api]
            auth_strategy = keystone

            [cinder]
            catalog_info = block-storage:cinder:internalURL
            %s
            [glance]
            api_servers = %s

            [neutron]
            service_metadata_proxy = true
            metadata_proxy_shared_secret = %s
            %s
            [placement]
            %s
            [service_user]
            send_service_user_token = true
            %s
            [spice]
            enabled = false
            """
                .formatted(
                    host.name(),
                    host.address(),
                    credentials(),
                    ImageItems.internalUrl(model),
                    model.secret("metadata"),
                    credentials(),
                    credentials(),
                    credentials()));
    secrets.add(model.secret("metadata"));
    text.append(vnc(host, control));
    text.append(files.queueSections());
    if (control) {
      text.append(control());
      secrets.add(model.secret("database.nova"));
    }
    if (guests.on(host)) {
      text.append(compute(host));
    }
    text.append(files.authSection(Service.COMPUTE));
    return secret(CONF, "nova", text.toString(), secrets.toArray(String[]::new));
  }

  /// How Nova logs in where it asks another service.
  private String credentials() {
    return """
    auth_type = password
    auth_url = %s
    project_domain_name = Default
    user_domain_name = Default
    project_name = service
    username = nova
    password = %s
    region_name = %s
    """
        .formatted(model.url(Service.IDENTITY), model.secret("service.nova"), model.region());
  }

  /// A guest's screen is served on its host's own address, to the console proxy.
  private String vnc(Host host, boolean control) {
    var text = new StringBuilder("\n[vnc]\nenabled = true\n");
    if (guests.on(host)) {
      text.append(
          """
          server_listen = %1$s
          server_proxyclient_address = %1$s
          novncproxy_base_url = https://%2$s:%3$d/vnc_lite.html
          """
              .formatted(host.address(), model.vip(), CONSOLE_PORT));
    }
    if (control) {
      text.append(
          """
          novncproxy_host = %s
          novncproxy_port = %d
          """
              .formatted(host.address(), CONSOLE_PORT));
    }
    return text.toString();
  }

  private String control() {
    return """

    [scheduler]
    discover_hosts_in_cells_interval = 300

    [oslo_middleware]
    enable_proxy_headers_parsing = true
    """
        + files.databaseSection("database", Service.COMPUTE, "nova")
        + files.databaseSection("api_database", Service.COMPUTE, "nova_api");
  }

  /// A guest's disk is a clone of its image or there is no guest: Nova would else copy what it
  /// cannot clone. Nothing is written into a disk. Guests move over TLS alone.
  private String compute(Host host) {
    var text = new StringBuilder("\n[libvirt]\n");
    if (guests.diskKey() != null) {
      text.append(
          """
          images_type = rbd
          images_rbd_pool = vms
          images_rbd_ceph_conf = /etc/ceph/ceph.conf
          rbd_user = nova
          rbd_secret_uuid = %s
          hw_disk_discard = unmap
          """
              .formatted(Guests.secretOf(Guests.DISKS_USER)));
    }
    text.append(
        """
        hw_machine_type = x86_64=q35
        inject_key = false
        inject_password = false
        inject_partition = -2
        live_migration_scheme = tls
        live_migration_inbound_addr = %s
        live_migration_with_native_tls = true
        live_migration_permit_auto_converge = true
        live_migration_downtime_steps = %d
        live_migration_downtime_delay = %d
        live_migration_completion_timeout = %d
        live_migration_timeout_action = force_complete

        [workarounds]
        never_download_image_if_on_rbd = true

        [os_vif_ovs]
        ovsdb_connection = %s
        """
            .formatted(
                host.address(), STEPS, PASS_SECONDS, MOVE_SECONDS, NetworkItems.SWITCH_DATABASE));
    return text.toString();
  }
}
