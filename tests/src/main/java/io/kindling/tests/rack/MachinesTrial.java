package io.kindling.tests.rack;

import io.kindling.isobuild.ImageBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// From blank machines to a Ceph cluster.
final class MachinesTrial implements Trial {

  private static final Duration DISCOVERY = Duration.ofMinutes(15);
  private static final Duration INSTALLATION = Duration.ofMinutes(60);
  private static final Duration PHASES = Duration.ofMinutes(60);
  private static final Set<String> INSTALLED = Set.of("provisioned", "deploying", "ready");
  private static final Set<String> ENDED = Set.of("ready", "error");

  private final int count;
  private final List<MachineSpec.Firmware> firmware;
  private final String accelerator;

  /// Builds what the machines boot.
  ///
  /// @param firmware the machines', in turn
  MachinesTrial(
      Terminal terminal, ImageBuilder images, int count, List<MachineSpec.Firmware> firmware) {
    this.count = count;
    this.firmware = List.copyOf(firmware);
    var bootstrap = images.bootstrap();
    images.node();
    images.loaders();
    accelerator = Accelerator.probe(bootstrap.kernel());
    terminal.say(
        accelerator.equals(Accelerator.EMULATION)
            ? "no working KVM here: the machines are emulated, so expect minutes instead of seconds"
            : "the machines run in KVM");
  }

  @Override
  public String accelerator() {
    return accelerator;
  }

  @Override
  public boolean run(Terminal terminal, ApplianceProcess appliance, Rack rack) {
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
    ApplianceClient client = appliance.client();
    var watch = new NodeWatch(client, terminal);
    long powered = terminal.seconds();
    Runnable mustRun = () -> Trial.mustRun(appliance, rack);
    Waiting.until(
        "all machines in the inventory",
        DISCOVERY,
        () -> watch.look().size() == machines.size(),
        mustRun);
    terminal.say(
        "all machines in the inventory %d s after power-on"
            .formatted(terminal.seconds() - powered));

    Trial.apply(terminal, client, RackMachines.cephYaml(machines));
    long ordered = terminal.seconds();
    Trial.deploy(client);
    Waiting.until(
        "all machines installed",
        INSTALLATION,
        () -> Trial.all(watch.look(), INSTALLED) || Trial.any(watch.look(), "error"),
        mustRun);
    terminal.say(
        "installation ended %d s after it was ordered".formatted(terminal.seconds() - ordered));
    long installed = terminal.seconds();
    Waiting.until(
        "the cluster's phases",
        PHASES,
        () -> Trial.all(watch.look(), ENDED) || Trial.any(watch.look(), "error"),
        mustRun);
    JsonNode nodes = watch.look();
    boolean healthy = Trial.all(nodes, Set.of("ready"));
    for (JsonNode node : nodes) {
      if (INSTALLED.contains(node.path("state").asString())) {
        show(terminal, appliance, rack.network(), node);
      }
    }
    if (healthy) {
      terminal.say("the Ceph cluster was built in %d s".formatted(terminal.seconds() - installed));
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
