package io.kindling.tests.rack;

import io.kindling.isobuild.ImageBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `try`: a virtual rack on a private network goes from blank machines to installed nodes.
@Command(
    name = "try",
    mixinStandardHelpOptions = true,
    description = {
      "Starts an appliance and a virtual rack on a private network; the rack's blank machines boot",
      "over the network, are inventoried and installed. Ends with the state of each machine."
    })
public final class TryCommand implements Callable<Integer> {

  private static final Duration DISCOVERY = Duration.ofMinutes(15);
  private static final Duration INSTALLATION = Duration.ofMinutes(45);

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
      names = "--firmware",
      split = ",",
      defaultValue = "BIOS,UEFI",
      description = "A machine for each (default: ${DEFAULT-VALUE}).")
  private List<MachineSpec.Firmware> firmware = List.of();

  @Override
  public Integer call() {
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
    try (var forwarder = new Forwarder(port, appliance.socket())) {
      terminal.say("console: http://127.0.0.1:" + forwarder.port() + "/");
      var machines = new ArrayList<MachineSpec>();
      for (int i = 0; i < firmware.size(); i++) {
        Machine machine = rack.add(RackMachines.storageNode(i + 1, firmware.get(i)));
        machines.add(machine.spec());
        machine.on();
        terminal.say(
            "%s (%s) powered on, console in %s"
                .formatted(machine.spec().name(), firmware.get(i), machine.console()));
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
              "PUT", "/api/v1/cluster", "application/yaml", RackMachines.clusterYaml(machines)));
      terminal.plain(ApplianceClient.must(client.get("/api/v1/cluster/plan?format=table")).body());
      long ordered = terminal.seconds();
      ApplianceClient.must(client.send("POST", "/api/v1/deploy", "application/json", "{}"));
      Waiting.until("all machines installed", INSTALLATION, () -> settled(watch.look()), mustRun);
      terminal.say(
          "installation ended %d s after it was ordered".formatted(terminal.seconds() - ordered));
      JsonNode nodes = watch.look();
      boolean allInstalled = true;
      for (JsonNode node : nodes) {
        boolean installed = node.path("state").asString().equals("provisioned");
        allInstalled &= installed;
        if (installed) {
          show(terminal, appliance, rack.network(), node);
        }
      }
      terminal.say(
          allInstalled
              ? "every machine runs Debian 13 from its own disk"
              : "not every machine got there: ./kindling logs --state "
                  + appliance.state()
                  + " NODE tells why");
      return allInstalled;
    }
  }

  private static boolean settled(JsonNode nodes) {
    for (JsonNode node : nodes) {
      String state = node.path("state").asString();
      if (!state.equals("provisioned") && !state.equals("error")) {
        return false;
      }
    }
    return true;
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
