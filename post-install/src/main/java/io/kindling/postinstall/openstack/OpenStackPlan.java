package io.kindling.postinstall.openstack;

import static io.kindling.postinstall.openstack.OpenStackFiles.OURS;
import static io.kindling.postinstall.openstack.OpenStackFiles.arguments;
import static io.kindling.postinstall.openstack.OpenStackFiles.secret;
import static io.kindling.postinstall.openstack.OpenStackFiles.uwsgiPath;

import io.kindling.postinstall.ceph.CephPlan;
import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.EngineError;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.Packages;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.engine.NamedError;
import io.kindling.postinstall.engine.Scope;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import io.kindling.postinstall.openstack.OpenStackModel.VolumeHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/// From a model to the graph that makes it so, once Ceph stands. Pure; the same model gives the
/// same graph.
///
/// trust → packages → database, queue, cache → Keystone → load balancer → accounts, catalogue →
/// Glance, Placement, RADOS Gateway, Horizon → Cinder → every service at the virtual address.
public final class OpenStackPlan {

  /// The phase's name in outcomes and logs.
  public static final String PHASE = "openstack";

  static final Duration PATIENCE = Duration.ofMinutes(3);

  /// Hundreds of packages, on a slow disk too.
  private static final Duration PACKAGES = Duration.ofHours(1);

  /// Of the gateways' phase.
  static final String ANSWERS = "/usr/local/lib/kindling/answers";

  private static final String PLACEMENT = "/etc/placement/placement.conf";

  private final OpenStackModel model;
  private final OpenStackFiles files;

  private OpenStackPlan(OpenStackModel model) {
    this.model = model;
    this.files = new OpenStackFiles(model);
  }

  public static Graph of(OpenStackModel model) {
    return new OpenStackPlan(model).graph();
  }

  /// What makes a host a compute, taken from it.
  public static List<Item> noCompute() {
    var items = new ArrayList<Item>(HypervisorItems.off());
    items.addAll(NetworkItems.off());
    return items;
  }

  private Graph graph() {
    var identity = new IdentityItems(model, files);
    var tasks = new ArrayList<GraphTask>();
    List<String> controllers = model.controllers().stream().map(Host::name).toList();
    var clients = new LinkedHashSet<>(controllers);
    Guests guests = model.guests();
    if (guests != null) {
      clients.addAll(guests.names());
    }
    model.volumeHosts().forEach(each -> clients.add(each.name()));
    tasks.add(
        GraphTask.of(
            "trust",
            "the appliance's authority",
            Scope.parallel(List.copyOf(clients)),
            host -> trust()));
    tasks.add(control("control-packages", "packages", packages(), "trust").within(PACKAGES));
    tasks.add(control("database", "MariaDB", database(), "control-packages"));
    tasks.add(control("queue", "RabbitMQ and memcached", queue(), "control-packages"));
    tasks.add(control("identity", "Keystone", identity.keystone(), "database", "queue"));
    tasks.add(
        GraphTask.of(
            "control-front",
            "load balancer of the services",
            Scope.parallel(controllers),
            host -> front(),
            "identity",
            "trust"));
    tasks.add(control("accounts", "users, roles, catalogue", identity.accounts(), "control-front"));
    var images = new ImageItems(model, files);
    tasks.add(keys("images-key", "key of images", List.of(OpenStackModel.IMAGES_USER), "accounts"));
    tasks.add(control("images", "Glance", images.glance(), "images-key"));
    tasks.add(control("placement", "Placement", placement(), "accounts"));
    tasks.add(control("dashboard", "Horizon", new DashboardItems(model).dashboard(), "accounts"));
    var last = new ArrayList<>(List.of("images", "placement", "dashboard"));
    if (!model.volumeTypes().isEmpty() || guests != null) {
      tasks.add(control("images-internal", "Glance for services", images.internal(), "images"));
      tasks.add(keys("disk-keys", "keys of disks", model.diskUsers(), "images-internal"));
    }
    if (!model.volumeTypes().isEmpty()) {
      var volumes = new VolumeItems(model, files);
      tasks.add(control("volumes", "Cinder", volumes.cinder(), "disk-keys"));
      last.add(volumeHosts(volumes, tasks));
    }
    OpenStackModel.Objects served = model.objects();
    if (served != null) {
      var objects = new ObjectItems(model, served);
      tasks.add(
          GraphTask.of(
              "objects-settings",
              "RADOS Gateways' options",
              Scope.once(model.monitors()),
              host -> objects.settings(),
              "accounts"));
      tasks.add(
          GraphTask.of(
              "objects",
              "RADOS Gateways with Keystone",
              Scope.parallel(served.gateways()),
              objects::gateway,
              "objects-settings"));
      last.add("objects");
    }
    if (guests != null) {
      guests(guests, tasks);
      last.add("computes-up");
    }
    tasks.add(
        control("services-up", "every service at its address", up(), last.toArray(String[]::new)));
    var errors = new ArrayList<NamedError>(List.of(EngineError.values()));
    errors.addAll(List.of(OpenStackError.values()));
    return new Graph(PHASE, tasks, errors);
  }

  /// @return the last of these tasks
  private String volumeHosts(VolumeItems volumes, List<GraphTask> tasks) {
    var byName = new LinkedHashMap<String, VolumeHost>();
    model.volumeHosts().forEach(each -> byName.put(each.name(), each));
    if (byName.isEmpty()) {
      return "volumes";
    }
    Scope each = Scope.parallel(List.copyOf(byName.keySet()));
    tasks.add(
        GraphTask.of(
                "volume-packages",
                "packages of hosts with volumes",
                each,
                host -> List.of(VolumeItems.hostPackages()),
                "control-packages")
            .within(PACKAGES));
    tasks.add(
        GraphTask.of(
            "volume-hosts",
            "volumes on LVM",
            each,
            host -> volumes.exported(Objects.requireNonNull(byName.get(host))),
            "volume-packages",
            "volumes"));
    tasks.add(
        control("volumes-up", "every host with volumes is up", volumes.joined(), "volume-hosts"));
    return "volumes-up";
  }

  private void guests(Guests guests, List<GraphTask> tasks) {
    var compute = new ComputeItems(model, guests, files);
    var hypervisors = new HypervisorItems(model, guests, files);
    var network = new NetworkItems(model, files);
    tasks.add(
        computes(
                guests,
                "compute-packages",
                "packages of computes",
                each -> {
                  var names = new ArrayList<>(HypervisorItems.packages());
                  names.addAll(NetworkItems.chassisPackages());
                  return List.of(new Packages(names));
                },
                "control-packages")
            .within(PACKAGES));
    tasks.add(control("network-databases", "OVN", network.ovn(), "control-packages"));
    tasks.add(control("network", "Neutron", network.neutron(), "network-databases", "accounts"));
    tasks.add(control("compute", "Nova", compute.nova(), "images-internal", "placement"));
    tasks.add(
        computes(
            guests,
            "chassis",
            "switches of computes",
            network::chassis,
            "compute-packages",
            "network"));
    tasks.add(
        computes(
            guests,
            "libvirt",
            "libvirt on computes",
            hypervisors::libvirt,
            "compute-packages",
            "disk-keys"));
    tasks.add(
        computes(
            guests,
            "hypervisors",
            "Nova on computes",
            hypervisors::nova,
            "chassis",
            "libvirt",
            "compute"));
    tasks.add(control("computes-up", "every compute is up", compute.joined(), "hypervisors"));
  }

  private static GraphTask computes(
      Guests guests,
      String name,
      String title,
      Function<Guests.Compute, List<Item>> items,
      String... after) {
    var byName = new LinkedHashMap<String, Guests.Compute>();
    guests.computes().forEach(each -> byName.put(each.name(), each));
    return GraphTask.of(
        name,
        title,
        Scope.parallel(guests.names()),
        host -> items.apply(Objects.requireNonNull(byName.get(host))),
        after);
  }

  /// Renewed keys reach Ceph here, right before those who use them.
  private GraphTask keys(String name, String title, List<String> users, String... after) {
    return GraphTask.of(
        name,
        title,
        Scope.once(model.monitors()),
        host -> users.stream().map(CephPlan::key).toList(),
        after);
  }

  private GraphTask control(String name, String title, List<Item> items, String... after) {
    return GraphTask.of(
        name, title, Scope.once(List.of(model.control().name())), host -> items, after);
  }

  private List<Item> packages() {
    var names =
        new ArrayList<>(
            List.of(
                "mariadb-server",
                "python3-pymysql",
                "rabbitmq-server",
                "memcached",
                "python3-memcache",
                "keystone",
                "glance-api",
                "python3-rbd",
                "qemu-utils",
                "placement-api",
                "python3-openstackclient",
                "python3-boto3"));
    names.addAll(VolumeItems.packages(model));
    names.addAll(DashboardItems.packages());
    if (model.guests() != null) {
      names.addAll(ComputeItems.packages());
      names.addAll(NetworkItems.packages());
    }
    return List.of(new Packages(names));
  }

  private List<Item> database() {
    var items = new ArrayList<Item>();
    items.add(files.database());
    items.add(Unit.running("mariadb.service", OpenStackFiles.DATABASE));
    for (Service service : model.services()) {
      items.add(files.databaseOf(service));
      items.add(files.loginOf(service));
      items.add(
          new Action(
              "database of " + service.user,
              asked(service, "SELECT 1"),
              List.of(Command.of("mariadb", "-e", "source " + OpenStackFiles.sql(service)))));
    }
    return items;
  }

  /// Exit 0 where that can be asked as the service's own user, 1 where not.
  static Command asked(Service service, String question) {
    return Command.of(
        "mariadb", "--defaults-file=" + OpenStackFiles.login(service), "-e", question);
  }

  private List<Item> queue() {
    return List.of(
        files.queue(),
        files.queueUsers(),
        Unit.running("rabbitmq-server.service", OpenStackFiles.QUEUE, OpenStackFiles.QUEUE_USERS),
        Unit.running("memcached.service"),
        new Gate(
            "RabbitMQ answers",
            Command.of(OpenStackFiles.YES, "rabbitmq-diagnostics", "-q", "check_port_connectivity"),
            PATIENCE,
            OpenStackError.QUEUE));
  }

  private List<Item> trust() {
    return List.of(
        new Packages(List.of("ca-certificates", "openssl", "curl")),
        OpenStackFiles.program(OpenStackFiles.YES, "yes.sh"),
        files.authority(),
        new Action(
            "the authority is trusted",
            Command.of(
                OpenStackFiles.YES,
                "openssl",
                "verify",
                "-CAfile",
                "/etc/ssl/certs/ca-certificates.crt",
                OpenStackFiles.AUTHORITY),
            List.of(Command.of("update-ca-certificates"))));
  }

  private List<Item> front() {
    return List.of(
        files.frontCertificate(),
        files.front(),
        OpenStackFiles.frontOptions(),
        Unit.running(
            "haproxy.service",
            OpenStackFiles.FRONT,
            OpenStackFiles.FRONT_CERTIFICATE,
            OpenStackFiles.FRONT_OPTIONS),
        at("identity at " + model.vip(), model.url(Service.IDENTITY), Service.IDENTITY));
  }

  private List<Item> placement() {
    return List.of(
        secret(
            PLACEMENT,
            "placement",
            OURS
                + """
                [DEFAULT]
                log_dir = /var/log/placement
                log_file = placement-api.log

                [api]
                auth_strategy = keystone

                [oslo_middleware]
                enable_proxy_headers_parsing = true
                """
                + files.databaseSection("placement_database", Service.PLACEMENT)
                + files.authSection(Service.PLACEMENT),
            model.secret("database.placement"),
            model.secret("service.placement")),
        files.uwsgi(Service.PLACEMENT, "/usr/bin/placement-api"),
        arguments("placement-api", Service.PLACEMENT),
        new Action(
            "tables of placement",
            asked(Service.PLACEMENT, "SELECT 1 FROM alembic_version"),
            List.of(
                Command.of("runuser", "-u", "placement", "--", "placement-manage", "db", "sync"))),
        IdentityItems.password(Service.PLACEMENT.user),
        Unit.running(
            "placement-api.service",
            PLACEMENT,
            uwsgiPath(Service.PLACEMENT),
            "/etc/default/placement-api"),
        answers(model, Service.PLACEMENT, OpenStackError.PLACEMENT));
  }

  private List<Item> up() {
    var items = new ArrayList<Item>();
    for (Service service : model.services()) {
      items.add(at(service.type + " at " + model.vip(), model.url(service), service));
    }
    items.add(
        new Gate(
            "dashboard at " + model.vip(),
            Command.of(ANSWERS, DashboardItems.url(model) + DashboardItems.HEALTH),
            PATIENCE,
            OpenStackError.DASHBOARD));
    if (model.objects() != null) {
      items.add(
          new Gate(
              "objects at " + model.vip(),
              Command.of(ANSWERS, ObjectItems.url(model) + ObjectItems.HEALTH),
              PATIENCE,
              OpenStackError.OBJECTS));
    }
    return items;
  }

  /// Waits for a service where it runs itself.
  static Gate answers(OpenStackModel model, Service service, OpenStackError late) {
    return answers(model, service.type, service.port, service, late);
  }

  /// The same for one that listens elsewhere.
  static Gate answers(
      OpenStackModel model, String what, int port, Service service, OpenStackError late) {
    String url = "http://%s:%d".formatted(model.control().address(), port);
    return new Gate(what + " answers", Command.of(ANSWERS, url + service.health), PATIENCE, late);
  }

  private static Gate at(String title, String url, Service service) {
    return new Gate(
        title, Command.of(ANSWERS, url + service.health), PATIENCE, OpenStackError.FRONT);
  }
}
