package io.kindling.postinstall.openstack;

import static io.kindling.postinstall.openstack.OpenStackFiles.HOME;
import static io.kindling.postinstall.openstack.OpenStackFiles.OURS;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Nova on the controller: its APIs, scheduler, conductor, console. Pure.
final class ComputeItems {
  private static final String CELLS = "/usr/local/lib/kindling/nova-cells";
  private static final String COMPUTES_UP = "/usr/local/lib/kindling/computes-up";
  private static final String COMPUTES_KNOWN = "/usr/local/lib/kindling/computes-known";
  private static final String GUEST_IMAGE = "/usr/local/lib/kindling/guest-image";
  private static final String DATABASES = HOME + "/nova-databases.sql";
  private static final String API = "/etc/nova/kindling-uwsgi.ini";
  private static final String METADATA = "/etc/nova/kindling-metadata-uwsgi.ini";
  private static final String CONSOLE = "/etc/default/nova-consoleproxy";

  /// A compute starts with libvirt, its switch and Nova.
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final OpenStackModel model;
  private final Guests guests;
  private final OpenStackFiles files;

  ComputeItems(OpenStackModel model, Guests guests, OpenStackFiles files) {
    this.model = model;
    this.guests = guests;
    this.files = files;
  }

  static List<String> packages() {
    return List.of("nova-api", "nova-conductor", "nova-scheduler", "nova-consoleproxy", "novnc");
  }

  List<Item> nova() {
    var address = model.control().address();
    return List.of(
        new NovaFiles(model, guests, files).conf(model.control()),
        databases(),
        new Action(
            "databases of nova",
            OpenStackPlan.asked(Service.COMPUTE, "USE nova_api; USE nova_cell0"),
            List.of(Command.of("mariadb", "-e", "source " + DATABASES))),
        OpenStackFiles.program(CELLS, "nova-cells.sh"),
        OpenStackFiles.program(GUEST_IMAGE, "guest-image.sh"),
        new Action("tables and cells of nova", cells("check"), List.of(cells("apply"))),
        OpenStackFiles.uwsgi(
            API,
            address,
            Service.COMPUTE.port,
            "nova",
            "nova-api",
            "/usr/bin/nova-api-wsgi",
            "%k",
            1),
        OpenStackFiles.arguments("nova-api", API),
        OpenStackFiles.uwsgi(
            METADATA,
            address,
            NovaFiles.METADATA_PORT,
            "nova",
            "nova-metadata",
            "/usr/bin/nova-metadata-wsgi",
            "1",
            1),
        OpenStackFiles.arguments("nova-api-metadata", METADATA),
        ManagedFile.of(CONSOLE, OURS + "NOVA_CONSOLE_PROXY_TYPE=novnc\n"),
        IdentityItems.password(Service.COMPUTE.user),
        Unit.running("nova-api.service", NovaFiles.CONF, API, "/etc/default/nova-api"),
        Unit.running(
            "nova-api-metadata.service",
            NovaFiles.CONF,
            METADATA,
            "/etc/default/nova-api-metadata"),
        Unit.running("nova-conductor.service", NovaFiles.CONF),
        Unit.running("nova-scheduler.service", NovaFiles.CONF),
        Unit.running("nova-novncproxy.service", NovaFiles.CONF, CONSOLE),
        Unit.off("nova-spicehtml5proxy.service"),
        Unit.off("nova-serialproxy.service"),
        OpenStackPlan.answers(model, Service.COMPUTE, OpenStackError.COMPUTE));
  }

  /// Nova has three databases; the one of its own name is made like every service's.
  private static ManagedFile databases() {
    var text = new StringBuilder();
    for (String database : List.of("nova_api", "nova_cell0")) {
      text.append(
          """
          CREATE DATABASE IF NOT EXISTS %1$s CHARACTER SET utf8mb3;
          GRANT ALL ON %1$s.* TO 'nova'@'%%';
          """
              .formatted(database));
    }
    return ManagedFile.of(DATABASES, text.toString());
  }

  private static Command cells(String verb) {
    return Command.of(CELLS, verb, OpenStackFiles.login(Service.COMPUTE));
  }

  /// Waits until every compute has come, and lets the scheduler know of it.
  List<Item> joined() {
    return List.of(
        OpenStackFiles.program(COMPUTES_UP, "computes-up.sh"),
        OpenStackFiles.program(COMPUTES_KNOWN, "computes-known.sh"),
        new Gate("computes are up", withNames(COMPUTES_UP), PATIENCE, OpenStackError.HYPERVISOR),
        new Action(
            "computes are in the cell",
            withNames(COMPUTES_KNOWN, OpenStackFiles.login(Service.COMPUTE)),
            List.of(
                Command.of(
                    "runuser",
                    "-u",
                    "nova",
                    "--",
                    "nova-manage",
                    "cell_v2",
                    "discover_hosts",
                    "--by-service"))));
  }

  private Command withNames(String... words) {
    var argv = new ArrayList<>(List.of(words));
    argv.addAll(guests.names());
    return new Command(argv);
  }
}
