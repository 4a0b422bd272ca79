package io.kindling.postinstall.openstack;

import static io.kindling.postinstall.openstack.OpenStackFiles.OURS;
import static io.kindling.postinstall.openstack.OpenStackFiles.secret;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.Guests.Compute;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import java.util.ArrayList;
import java.util.List;

/// Neutron with OVN: its databases and API on the controller, a chassis on each compute. Pure.
final class NetworkItems {
  /// Where agents of a host reach its switch's own database.
  static final String SWITCH_DATABASE = "tcp:127.0.0.1:6640";

  private static final String SWITCH_MANAGER = "ptcp:6640:127.0.0.1";
  private static final int NORTHBOUND = 6641;
  private static final int SOUTHBOUND = 6642;
  private static final String CENTRAL = "/etc/default/ovn-central";
  private static final String CONF = "/etc/neutron/neutron.conf";
  private static final String ML2 = "/etc/neutron/plugins/ml2/ml2_conf.ini";
  private static final String METADATA = "/etc/neutron/neutron_ovn_metadata_agent.ini";
  private static final String API = "/etc/neutron/kindling-uwsgi.ini";

  /// The API's unit reads the defaults of the name that it once had.
  private static final String API_ARGUMENTS = "neutron-server";

  private static final String CHASSIS = "/usr/local/lib/kindling/ovs-chassis";

  private final OpenStackModel model;
  private final OpenStackFiles files;

  NetworkItems(OpenStackModel model, OpenStackFiles files) {
    this.model = model;
    this.files = files;
  }

  static List<String> packages() {
    return List.of(
        "ovn-central", "neutron-api", "neutron-periodic-workers", "neutron-ovn-maintenance-worker");
  }

  /// OVN's databases are clusters of one from the first day, which others can join.
  List<Item> ovn() {
    String address = model.control().address();
    return List.of(
        ManagedFile.of(
            CENTRAL,
            OURS
                + """
                OVN_CTL_OPTS="--db-nb-addr=%1$s --db-nb-cluster-local-addr=%1$s \\
                  --db-nb-create-insecure-remote=yes --db-sb-addr=%1$s --db-sb-cluster-local-addr=%1$s \\
                  --db-sb-create-insecure-remote=yes \\
                  --ovn-northd-nb-db=%2$s --ovn-northd-sb-db=%3$s"
                """
                    .formatted(address, database(NORTHBOUND), database(SOUTHBOUND))),
        Unit.running("ovn-ovsdb-server-nb.service", CENTRAL),
        Unit.running("ovn-ovsdb-server-sb.service", CENTRAL),
        Unit.running("ovn-northd.service", CENTRAL),
        Unit.running("ovn-central.service"));
  }

  private String database(int port) {
    return "tcp:%s:%d".formatted(model.control().address(), port);
  }

  List<Item> neutron() {
    var items = new ArrayList<Item>();
    items.add(conf(model.control()));
    items.add(ml2());
    items.add(
        new Action(
            "tables of neutron",
            OpenStackPlan.asked(Service.NETWORK, "SELECT 1 FROM alembic_version"),
            List.of(
                Command.of(
                    "runuser",
                    "-u",
                    "neutron",
                    "--",
                    "neutron-db-manage",
                    "--config-file",
                    CONF,
                    "--config-file",
                    ML2,
                    "upgrade",
                    "heads"))));
    items.add(
        OpenStackFiles.uwsgi(
            API,
            model.control().address(),
            Service.NETWORK.port,
            "neutron",
            "neutron-api",
            "/usr/bin/neutron-api",
            "%k",
            1));
    items.add(OpenStackFiles.arguments(API_ARGUMENTS, API));
    items.add(IdentityItems.password(Service.NETWORK.user));
    items.add(Unit.running("neutron-api.service", CONF, ML2, API, "/etc/default/" + API_ARGUMENTS));
    for (String worker : List.of("neutron-periodic-workers", "neutron-ovn-maintenance-worker")) {
      items.add(worker(worker));
      items.add(Unit.running(worker + ".service", CONF, ML2));
    }
    items.add(OpenStackPlan.answers(model, Service.NETWORK, OpenStackError.NETWORK));
    return items;
  }

  /// Debian has these as scripts of the older init alone.
  private static ManagedFile worker(String name) {
    return ManagedFile.of(
        "/etc/systemd/system/" + name + ".service",
        OURS
            + """
            [Unit]
            Description=OpenStack %1$s
            Wants=network-online.target
            After=network-online.target mariadb.service rabbitmq-server.service
            [Service]
            User=neutron
            Group=neutron
            WorkingDirectory=/var/lib/neutron
            RuntimeDirectory=%1$s
            ExecStart=/usr/bin/%1$s --config-file=%2$s --config-file=%3$s --log-file=/var/log/neutron/%1$s.log
            Restart=on-failure
            LimitNOFILE=65535
            [Install]
            WantedBy=multi-user.target
            """
                .formatted(name, CONF, ML2));
  }

  private ManagedFile conf(Host host) {
    boolean control = host.name().equals(model.control().name());
    String common =
        """
        host = %s
        core_plugin = ml2
        service_plugins = ovn-router
        state_path = /var/lib/neutron
        log_dir = /var/log/neutron

        [oslo_concurrency]
        lock_path = /var/lock/neutron

        [agent]
        root_helper = sudo /usr/bin/neutron-rootwrap /etc/neutron/rootwrap.conf
        """
            .formatted(host.name());
    if (!control) {
      return new ManagedFile(
          CONF, "root", "neutron", "0640", OURS + "[DEFAULT]\n" + common, List.of());
    }
    return secret(
        CONF,
        "neutron",
        OURS
            + "[DEFAULT]\n"
            + files.queueAddress()
            + common
            + """

            [nova]
            auth_type = password
            auth_url = %s
            project_domain_name = Default
            user_domain_name = Default
            project_name = service
            username = neutron
            password = %s
            region_name = %s

            [oslo_middleware]
            enable_proxy_headers_parsing = true
            """
                .formatted(
                    model.url(Service.IDENTITY), model.secret("service.neutron"), model.region())
            + files.queueSections()
            + files.databaseSection("database", Service.NETWORK)
            + files.authSection(Service.NETWORK),
        model.secret("queue"),
        model.secret("database.neutron"),
        model.secret("service.neutron"));
  }

  private ManagedFile ml2() {
    return ManagedFile.of(
        ML2,
        OURS
            + """
            [ml2]
            mechanism_drivers = ovn
            type_drivers = local,flat,vlan,geneve
            tenant_network_types = geneve
            extension_drivers = port_security

            [ml2_type_geneve]
            max_header_size = 38
            vni_ranges = 1:65536

            [securitygroup]
            enable_security_group = true

            [ovn]
            ovn_nb_connection = %s
            ovn_sb_connection = %s
            ovn_metadata_enabled = true
            """
                .formatted(database(NORTHBOUND), database(SOUTHBOUND)));
  }

  static List<String> chassisPackages() {
    return List.of("openvswitch-switch", "ovn-host", "neutron-ovn-metadata-agent", "haproxy");
  }

  /// A compute's own part: its switch follows OVN's database, its agent leads guests to metadata.
  List<Item> chassis(Compute compute) {
    var items = new ArrayList<Item>();
    items.add(Unit.running("openvswitch-switch.service"));
    items.add(OpenStackFiles.program(CHASSIS, "ovs-chassis.sh"));
    items.add(
        new Action(
            "chassis of OVN", chassis(compute, "check"), List.of(chassis(compute, "apply"))));
    items.add(Unit.running("ovn-controller.service"));
    items.add(Unit.running("ovn-host.service"));
    items.add(conf(compute.host()));
    items.add(metadata());
    items.add(Unit.running("neutron-ovn-metadata-agent.service", CONF, METADATA));
    if (model.controllers().stream().noneMatch(c -> c.name().equals(compute.name()))) {
      items.add(Unit.off("haproxy.service")); // the agent runs it itself, one for each network
    }
    return items;
  }

  /// What [#chassis] began, ended: OVN's controller, which ovn-host starts, takes its chassis out
  /// of the database.
  static List<Item> off() {
    String controller = "ovn-controller.service";
    return List.of(
        Unit.off("neutron-ovn-metadata-agent.service"),
        Unit.off("ovn-host.service"),
        new Action(
            controller + " stopped",
            Command.of("sh", "-c", "! systemctl --quiet is-active " + controller),
            List.of(Command.of("systemctl", "stop", controller))));
  }

  private Command chassis(Compute compute, String verb) {
    return Command.of(
        CHASSIS, verb, compute.name(), compute.tunnel(), database(SOUTHBOUND), SWITCH_MANAGER);
  }

  private ManagedFile metadata() {
    return secret(
        METADATA,
        "neutron",
        OURS
            + """
            [DEFAULT]
            nova_metadata_host = %s
            nova_metadata_port = %d
            metadata_proxy_shared_secret = %s

            [ovs]
            ovsdb_connection = %s

            [ovn]
            ovn_sb_connection = %s
            """
                .formatted(
                    model.control().address(),
                    NovaFiles.METADATA_PORT,
                    model.secret("metadata"),
                    SWITCH_DATABASE,
                    database(SOUTHBOUND)),
        model.secret("metadata"));
  }
}
