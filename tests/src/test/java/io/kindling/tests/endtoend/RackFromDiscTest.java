package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient.Answer;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.Medium;
import io.kindling.tests.rack.RackException;
import io.kindling.tests.rack.RackMachines;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/// Blank machines are brought up by an appliance that runs from its ISO, on a network where nothing
/// else is: by BIOS to a one-node Ceph, by UEFI and by UEFI with Secure Boot to an installed
/// system. What any of them sends beyond the rack is counted, and is nothing.
@Tag("full")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RackFromDiscTest {

  /// The nodes' addresses; they too have a router and a name server that nobody is.
  private static final String CLUSTER =
      """
      name: rack1
      release: debian-13
      domain: rack1.example
      dns: [%s]
      networks:
        management:  { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99, gateway: %s }
        storage:     { cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99 }
        replication: { cidr: 10.22.0.0/24, vlan: 102, nodes: 10.22.0.10-10.22.0.99 }
      storage: { objects: none }
      nodes:
      """
          .formatted(DiscRack.NOBODY, DiscRack.NOBODY);

  private static final Pattern LINK = Pattern.compile("/welcome[?]link=\\S+");

  /// Each look is a TLS handshake, seconds of an emulated machine's processor.
  private static final Duration LOOK = Duration.ofSeconds(15);

  private static final String JSON = "application/json";

  private static DiscRack rack;
  private static DiscAppliance appliance;
  private static final List<Machine> machines = new ArrayList<>();

  @BeforeAll
  static void anApplianceStartsFromItsIso() throws Exception {
    rack = new DiscRack("from-disc");
    appliance = rack.appliance(Firmware.BIOS, true);
    appliance.machine().insert(new Medium(Medium.Kind.DISC, rack.image));
    machines.add(rack.add(RackMachines.cephNode(1, Firmware.BIOS)));
    machines.add(rack.add(RackMachines.storageNode(2, Firmware.UEFI)));
    machines.add(rack.add(RackMachines.storageNode(3, Firmware.UEFI_SECURE_BOOT)));
    rack.count();
    rack.on(appliance.machine());
    appliance.ready();
    rack.terminal.say("the appliance is ready");
  }

  @AfterAll
  static void down() {
    if (rack != null) {
      rack.close();
    }
  }

  @Test
  @Order(1)
  void aBlankMachineBecomesAOneNodeCeph() {
    rack.on(machines.getFirst());
    discovered(1);
    apply("ceph-mon, ceph-osd");
    deployed("node-1", Set.of("ready", "error"));
    assertThat(node("node-1").path("state").asString())
        .as(node("node-1").path("reason").asString())
        .isEqualTo("ready");
    String status = onNode("node-1", "sudo ceph -s; sudo ceph osd tree");
    rack.terminal.plain(status);
    assertThat(status).contains("HEALTH_OK", "2 osds: 2 up");
    nothingLeftTheRack();
  }

  @Test
  @Order(2)
  void machinesWithUefiAndWithSecureBootAreInstalled() {
    rack.on(machines.get(1));
    rack.on(machines.get(2));
    discovered(3);
    apply("ceph-mon, ceph-osd", "base", "base");
    for (String name : List.of("node-2", "node-3")) {
      deployed(name, Set.of("provisioned", "ready", "error"));
      JsonNode node = node(name);
      assertThat(node.path("state").asString())
          .as(node.path("reason").asString())
          .isIn("provisioned", "ready");
      assertThat(node.path("firmware").asString()).isEqualTo("uefi");
      assertThat(node.path("secureBoot").asBoolean()).isEqualTo(name.equals("node-3"));
      assertThat(onNode(name, "findmnt --noheadings --output SOURCE /")).contains("/dev/mapper/");
    }
    assertThat(onNode("node-3", "od -An -tu1 /sys/firmware/efi/efivars/SecureBoot-*").strip())
        .endsWith("1");
    nothingLeftTheRack();
  }

  @Test
  @Order(3)
  void anOperatorChecksItAndSeesItInABrowser() throws Exception {
    var check = appliance.attempt("kindling check");
    assertThat(check.ok()).as(check.output()).isTrue();
    Matcher link = LINK.matcher(appliance.run("kindling account admin-link"));
    assertThat(link.find()).isTrue();
    try (var browser = new DiscBrowser(rack, appliance, link.group())) {
      browser.sees("/", "node-3", "disc-nodes");
      browser.sees("/nodes/node-1", "ceph-osd", "disc-node");
      browser.sees("/deploy", "node-1", "disc-deploy");
      browser.sees("/health", "HEALTH_OK", "disc-health");
    }
    nothingLeftTheRack();
  }

  @Test
  @Order(4)
  void settingsAreChangedAndWrongOnesRefused() {
    String before = appliance.run("kindling-settings");
    assertThat(before).contains("address=10.20.0.1/24", "ssh-key=ssh-ed25519 ");
    var refused = appliance.attempt("kindling-settings proxy=proxy.example");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.output()).contains("ISO-013", "'proxy.example'", "http://HOST:PORT");
    assertThat(appliance.run("kindling-settings")).isEqualTo(before);

    appliance.run(
        "kindling-settings ntp=10.20.0.99,10.20.0.98 proxy=http://127.0.0.1:3128"
            + " mirror=http://10.20.0.96/debian 'ssh-key=ssh-ed25519"
            + " AAAAC3NzaC1lZDI1NTE5AAAAILW3cKAmyPZLLIJcexCQQ0fBaw+ki7Oulxm0bQClj0mM other'");
    assertThat(appliance.run("chronyc -n sources")).contains("10.20.0.99", "10.20.0.98");
    assertThat(appliance.run("cat /root/.ssh/authorized_keys")).contains(" operator", " other");
    // The proxy is asked, and nobody is there.
    var sync = appliance.attempt("kindling mirror sync");
    assertThat(sync.status()).isNotZero();
    assertThat(sync.output()).contains("ISO-004", "127.0.0.1:3128");
    Waiting.until(
        "the appliance, started again",
        Duration.ofMinutes(3),
        () -> appliance.attempt("kindling status").ok(),
        appliance.machine()::mustRun);
    assertThat(appliance.run("kindling node list")).contains("node-1");
  }

  @Test
  @Order(5)
  void whatLeavesTheRackIsCounted() {
    nothingLeftTheRack();
    appliance.attempt("getent hosts name.example");
    appliance.attempt("ping -c 1 -W 1 192.0.2.1");
    assertThat(rack.outside.packets().get("names")).isPositive();
    assertThat(rack.outside.packets().get("other")).isPositive();
  }

  private static void nothingLeftTheRack() {
    rack.terminal.say("packets: " + rack.outside.packets());
    assertThat(rack.outside.packets())
        .containsEntry("names", 0L)
        .containsEntry("clocks", 0L)
        .containsEntry("other", 0L);
    assertThat(rack.outside.packets().get("sent")).isGreaterThan(1000);
  }

  private static void discovered(int count) {
    long begin = rack.terminal.seconds();
    Waiting.until(
        count + " nodes in the inventory",
        Scenario.DISCOVERY.multipliedBy(2), // both are emulated
        LOOK,
        () -> look("/api/v1/nodes").filter(nodes -> nodes.size() >= count).isPresent(),
        RackFromDiscTest::mustRun);
    rack.terminal.say(
        count + " in the inventory " + (rack.terminal.seconds() - begin) + " s after power-on");
  }

  /// @param roles of the first machines
  private static void apply(String... roles) {
    var yaml = new StringBuilder(CLUSTER);
    for (int i = 0; i < roles.length; i++) {
      yaml.append("  - match: { mac: \"")
          .append(machines.get(i).spec().macs().getFirst())
          .append("\" }\n    name: node-")
          .append(i + 1)
          .append("\n    roles: [")
          .append(roles[i])
          .append("]\n");
      if (roles[i].contains("ceph-osd")) {
        yaml.append("    disks: [ { media: nvme, count: 1, use: { cephjournal: all } } ]\n");
      }
    }
    appliance.api("PUT", "/api/v1/cluster", "application/yaml", yaml.toString());
    appliance.api("POST", "/api/v1/deploy", JSON, "{}");
  }

  private static void deployed(String name, Set<String> ends) {
    long begin = rack.terminal.seconds();
    String[] last = {""};
    Waiting.until(
        name + " in a state of " + ends,
        Scenario.INSTALLATION.plus(Scenario.PHASES),
        LOOK,
        () -> {
          String state =
              look("/api/v1/nodes/" + name).map(n -> n.path("state").asString()).orElse(last[0]);
          if (!state.equals(last[0])) {
            last[0] = state;
            rack.terminal.say(
                name + " " + state + " after " + (rack.terminal.seconds() - begin) + " s");
          }
          return ends.contains(state);
        },
        RackFromDiscTest::mustRun);
  }

  private static JsonNode node(String name) {
    return get("/api/v1/nodes/" + name);
  }

  private static JsonNode get(String path) {
    Answer answer = appliance.api("GET", path, "", "");
    JsonNode body = answer.json();
    return body.has("nodes") ? body.path("nodes") : body;
  }

  /// The same; nothing where an emulated appliance has not answered in time.
  private static Optional<JsonNode> look(String path) {
    try {
      return Optional.of(get(path));
    } catch (RackException noAnswer) {
      rack.terminal.say(noAnswer.getMessage());
      return Optional.empty();
    }
  }

  /// Runs a command on an installed node, from the appliance.
  private static String onNode(String name, String command) {
    String address = node(name).path("addresses").path("management").asString().split("/")[0];
    return appliance.run(
        "ssh -i /var/lib/kindling/id_ed25519 -o BatchMode=yes -o StrictHostKeyChecking=no"
            + " -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR kindling@"
            + address
            + " '"
            + command
            + "'");
  }

  private static void mustRun() {
    rack.machines().forEach(Machine::mustRun);
  }
}
