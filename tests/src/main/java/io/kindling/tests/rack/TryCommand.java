package io.kindling.tests.rack;

import io.kindling.isobuild.ImageBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `try`: a virtual rack on a private network goes from blank machines to a Ceph cluster.
@Command(
    name = "try",
    mixinStandardHelpOptions = true,
    description = {
      "Starts an appliance and a virtual rack on a private network; the rack's blank machines boot",
      "over the network, are inventoried, installed and made a Ceph cluster. Ends with the state"
          + " of",
      "each machine and the cluster's health."
    })
public final class TryCommand implements Callable<Integer> {

  private static final Duration DISCOVERY = Duration.ofMinutes(15);
  private static final Duration INSTALLATION = Duration.ofMinutes(60);
  private static final Duration PHASES = Duration.ofMinutes(60);
  private static final Set<String> INSTALLED = Set.of("provisioned", "deploying", "ready");
  private static final Set<String> ENDED = Set.of("ready", "error");

  @Option(
      names = "--exit",
      description = "Take everything down at the end, instead of waiting for Ctrl-C.")
  private boolean exit;

  @Option(
      names = "--port",
      defaultValue = "8480",
      description = "Loopback port of the console (default: ${DEFAULT-VALUE}; 0: any).")
  private int port;

  @Option(
      names = "--nodes",
      defaultValue = "3",
      description = "So many machines, 1 to 9, 3 GiB of memory each (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--firmware",
      split = ",",
      defaultValue = "BIOS,UEFI",
      description = "The machines' firmware, in turn (default: ${DEFAULT-VALUE}).")
  private List<MachineSpec.Firmware> firmware = List.of();

  @Override
  public Integer call() {
    if (count < 1 || count > 9) {
      System.err.println("kindling: --nodes takes 1 to 9, not " + count);
      return 2;
    }
    try {
      return attempt();
    } catch (RackException e) {
      System.err.println("kindling: " + e.getMessage());
      return 1;
    }
  }

  private int attempt() {
    Terminal terminal = new Terminal(System.out);
    RackEnvironment environment = RackEnvironment.ofThisMachine();
    environment.installPrerequisites(terminal);
    ImageBuilder images = environment.images(terminal);
    var bootstrap = images.bootstrap();
    images.node();
    images.loaders();
    String accelerator = Accelerator.probe(bootstrap.kernel());
    terminal.say(
        accelerator.equals(Accelerator.EMULATION)
            ? "no working KVM here: the machines are emulated, so expect minutes instead of seconds"
            : "the machines run in KVM");

    Path directory = environment.emptied("try");
    var network = new Network("kindling-try", "10.20.0.1/24");
    network.down();
    network.up();
    var appliance = new ApplianceProcess(directory, environment.cache(), network, List.of());
    try (var rack = new Rack(directory, network, accelerator)) {
      var stop =
          new Thread(() -> {
            appliance.kill();
            rack.close();
          });
      Runtime.getRuntime().addShutdownHook(stop);
      boolean installed = run(terminal, appliance, rack);
      if (!exit) {
        terminal.plain("\nThe rack stays up. Ctrl-C takes it down.");
        new CountDownLatch(1).await();
      }
      appliance.stop();
      rack.close();
      Runtime.getRuntime().removeShutdownHook(stop);
      return installed ? 0 : 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      appliance.close();
    }
  }

  private boolean run(Terminal terminal, ApplianceProcess appliance, Rack rack) {
    Duration ready = appliance.start(Duration.ofMinutes(1));
    terminal.say("the appliance answers after " + ready.toMillis() + " ms");
    try (var forwarder = new Forwarder(port, rack.network(), appliance.operators())) {
      String welcome =
          ApplianceClient.must(appliance.client().send("POST", "/api/v1/admin-links", "", ""))
              .json()
              .path("path")
              .asString();
      terminal.say("console: http://127.0.0.1:" + forwarder.port() + welcome);
      terminal.say("         (works once: it makes the administrator you log in as)");
      var machines = new ArrayList<MachineSpec>();
      for (int i = 0; i < count; i++) {
        MachineSpec.Firmware kind = firmware.get(i % firmware.size());
        Machine machine = rack.add(RackMachines.cephNode(i + 1, kind));
        machines.add(machine.spec());
        machine.on();
        terminal.say(
            "%s (%s) powered on, console in %s"
                .formatted(machine.spec().name(), kind, machine.console()));
      }
      var watch = new NodeWatch(appliance.client(), terminal);
      long powered = terminal.seconds();
      Runnable mustRun =
          () -> {
            rack.machines().forEach(Machine::mustRun);
            if (!appliance.isRunning()) {
              throw new RackException(RackError.APPLIANCE_DIED, "see " + appliance.output());
            }
          };
      Waiting.until(
          "all machines in the inventory",
          DISCOVERY,
          () -> watch.look().size() == machines.size(),
          mustRun);
      terminal.say(
          "all machines in the inventory %d s after power-on"
              .formatted(terminal.seconds() - powered));

      var client = appliance.client();
      ApplianceClient.must(
          client.send(
              "PUT", "/api/v1/cluster", "application/yaml", RackMachines.cephYaml(machines)));
      terminal.plain(ApplianceClient.must(client.get("/api/v1/cluster/plan?format=table")).body());
      long ordered = terminal.seconds();
      ApplianceClient.must(client.send("POST", "/api/v1/deploy", "application/json", "{}"));
      Waiting.until(
          "all machines installed",
          INSTALLATION,
          () -> all(watch.look(), INSTALLED) || any(watch.look(), "error"),
          mustRun);
      terminal.say(
          "installation ended %d s after it was ordered".formatted(terminal.seconds() - ordered));
      long installed = terminal.seconds();
      Waiting.until(
          "the cluster's phases",
          PHASES,
          () -> all(watch.look(), ENDED) || any(watch.look(), "error"),
          mustRun);
      JsonNode nodes = watch.look();
      boolean healthy = all(nodes, Set.of("ready"));
      for (JsonNode node : nodes) {
        if (INSTALLED.contains(node.path("state").asString())) {
          show(terminal, appliance, rack.network(), node);
        }
      }
      if (healthy) {
        terminal.say(
            "the Ceph cluster was built in %d s".formatted(terminal.seconds() - installed));
        var shell = new NodeShell(appliance, rack.network(), nodes.get(0));
        terminal.plain("\n" + shell.run("sudo ceph -s; sudo ceph osd tree").output());
      }
      terminal.say(
          healthy
              ? "every machine runs Debian 13 from its own disk, and Ceph is HEALTH_OK"
              : "not every machine got there: ./kindling logs --state "
                  + appliance.state()
                  + " NODE tells why");
      return healthy;
    }
  }

  private static boolean all(JsonNode nodes, Set<String> states) {
    return nodes.valueStream().allMatch(node -> states.contains(node.path("state").asString()));
  }

  private static boolean any(JsonNode nodes, String state) {
    return nodes.valueStream().anyMatch(node -> node.path("state").asString().equals(state));
  }

  private static void show(
      Terminal terminal, ApplianceProcess appliance, Network network, JsonNode node) {
    var ssh = new NodeShell(appliance, network, node);
    terminal.plain(
        "\n"
            + node.path("name").asString()
            + "  ("
            + ssh.address()
            + ")\n"
            + ssh.run("lsblk -o NAME,SIZE,PARTTYPE,PARTLABEL").output());
  }
}
