package io.kindling.tests.rack;

import io.kindling.isobuild.ImageBuilder;
import io.kindling.isobuild.Mirror;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// From hosts that have their system to OpenStack on Ceph, used as a user does: one controller,
/// with Ceph, and two computes. The hosts are containers, and OpenStack's guests are emulated.
final class CloudTrial implements Trial {

  private static final Duration PHASES = Duration.ofMinutes(90);
  private static final Set<String> ENDED = Set.of("ready", "error");
  private static final List<Integer> DRIVES = List.of(6 << 10, 7 << 10);
  private static final int HOSTS = 3;

  private static final String CLUSTER =
      """
      name: rack1
      networks:
        management:  { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99, vip: 10.20.0.5 }
        storage:     { cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99 }
        replication: { cidr: 10.22.0.0/24, vlan: 102, nodes: 10.22.0.10-10.22.0.99 }
      openstack: { region: rack1, virtualization: qemu }
      nodes:
        - { match: { name: host-1 }, roles: [controller, ceph-osd] }
        - { match: { name: host-2 }, roles: [compute] }
        - { match: { name: host-3 }, roles: [compute] }
      """;

  private final Path image;
  private final Path directory;

  /// Builds what the hosts run on, and mirrors the packages they are to have: from then on the rack
  /// needs nothing from outside, and reaches nothing.
  ///
  /// @param directory for the operator's key
  CloudTrial(Terminal terminal, RackEnvironment environment, ImageBuilder images, Path directory) {
    this.directory = directory;
    this.image = environment.hostImage(images);
    Mirror.Synced synced =
        Mirror.in(environment.cache())
            .sync(true, (step, steps, what) -> terminal.say("mirror: " + what));
    terminal.say("mirror: %d packages, %d MiB".formatted(synced.packages(), synced.bytes() >> 20));
  }

  @Override
  public String accelerator() {
    return Accelerator.EMULATION;
  }

  @Override
  public boolean run(Terminal terminal, ApplianceProcess appliance, Rack rack) {
    var joining = new JoiningHosts(rack, appliance, directory);
    for (int number = 1; number <= HOSTS; number++) {
      ContainerHost host = joining.add(number, number == 1 ? DRIVES : List.of(), image);
      host.on();
      Commands.Result joined = joining.join(host, joining.invite());
      if (!joined.ok()) {
        throw new RackException(RackError.COMMAND_FAILED, joined.output());
      }
      terminal.say(host.spec().name() + " has joined, console in " + host.console());
    }
    ApplianceClient client = appliance.client();
    Trial.apply(terminal, client, CLUSTER);
    long ordered = terminal.seconds();
    Trial.deploy(client);
    var watch = new NodeWatch(client, terminal);
    Waiting.until(
        "the cluster's phases",
        PHASES,
        () -> Trial.all(watch.look(), ENDED) || Trial.any(watch.look(), "error"),
        () -> Trial.mustRun(appliance, rack));
    if (!Trial.all(watch.look(), Set.of("ready"))) {
      terminal.say(
          "not every host got there: ./kindling logs --state "
              + appliance.state()
              + " HOST tells why");
      return false;
    }
    terminal.say("Ceph and OpenStack were built in %d s".formatted(terminal.seconds() - ordered));
    terminal.say("now it is used as a user does; the guests are emulated, which takes minutes");
    boolean good = used(terminal, client);
    var shell = new NodeShell(appliance, rack.network(), "10.20.0.11");
    terminal.plain(
        "\n"
            + shell
                .run(
                    "sudo ceph -s; sudo openstack --os-cloud kindling endpoint list --interface"
                        + " public -c 'Service Type' -c URL; free -m")
                .output());
    terminal.say(
        good
            ? "OpenStack on Ceph works: guests boot from clones, are snapshot, and move while they"
                + " run"
            : "it does not work as it is to");
    terminal.plain(
        "as its administrator:  ip netns exec %s ssh -i %s kindling@10.20.0.11 sudo openstack"
                .formatted(rack.network().namespace(), appliance.state().resolve("id_ed25519"))
            + " --os-cloud kindling …");
    return good;
  }

  private static boolean used(Terminal terminal, ApplianceClient client) {
    JsonNode looked =
        ApplianceClient.must(client.send("POST", "/api/v1/check", "application/json", "{}")).json();
    var lines = new ArrayList<String>();
    for (JsonNode row : looked.path("rows")) {
      if (row.path("check").asString().equals("openstack")) {
        lines.add(
            "%6s s  %-44s %s"
                .formatted(
                    row.path("seconds").asString("-"),
                    row.path("subject").asString(),
                    row.path("actual").asString()));
      }
    }
    for (JsonNode row : looked.path("rows")) {
      JsonNode finding = row.path("finding");
      if (finding.isObject()) {
        lines.add(
            "%s: %s %s"
                .formatted(
                    finding.path("error").asString(),
                    finding.path("seen").asString(),
                    finding.path("cure").asString()));
      }
    }
    terminal.plain("\n" + String.join("\n", lines));
    return looked.path("good").asBoolean(false);
  }
}
