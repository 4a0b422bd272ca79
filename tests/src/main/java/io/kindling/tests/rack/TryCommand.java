package io.kindling.tests.rack;

import io.kindling.isobuild.ImageBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `try`: a virtual rack on a private network goes from blank machines to a Ceph cluster, or from
/// hosts to OpenStack.
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

  @Option(
      names = "--openstack",
      description = {
        "Instead: three container hosts, with their system already, become Ceph and OpenStack;"
            + " guests",
        "boot, are snapshot and move. Wants 12 GiB of memory, and packages from a Debian mirror"
            + " once."
      })
  private boolean openstack;

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
    Path directory = environment.directory("try");
    Trial trial =
        openstack
            ? new CloudTrial(terminal, environment, images, directory)
            : new MachinesTrial(terminal, images, count, firmware);

    var network = new Network("kindling-try", "10.20.0.1/24");
    Rack.down(directory, network);
    environment.emptied("try");
    network.up();
    var appliance = new ApplianceProcess(directory, environment.cache(), network, List.of());
    try (var rack = new Rack(directory, network, trial.accelerator())) {
      var stop =
          new Thread(() -> {
            appliance.kill();
            rack.close();
          });
      Runtime.getRuntime().addShutdownHook(stop);
      boolean good = run(terminal, appliance, rack, trial);
      if (!exit) {
        terminal.plain("\nThe rack stays up. Ctrl-C takes it down.");
        new CountDownLatch(1).await();
      }
      appliance.stop();
      rack.close();
      Runtime.getRuntime().removeShutdownHook(stop);
      return good ? 0 : 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      appliance.close();
    }
  }

  private boolean run(Terminal terminal, ApplianceProcess appliance, Rack rack, Trial trial) {
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
      return trial.run(terminal, appliance, rack);
    }
  }
}
