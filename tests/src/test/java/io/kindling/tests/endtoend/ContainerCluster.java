package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.ContainerHost;
import io.kindling.tests.rack.JoiningHosts;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// A rack of container hosts, and what an operator does to make a cluster of them: invite, join,
/// apply, deploy.
public final class ContainerCluster implements AutoCloseable {

  public static final Duration SOON = Duration.ofMinutes(3);
  private static final Duration DEPLOYMENT = Duration.ofMinutes(45);

  public static final String NETWORKS =
      """
      networks:
        management:  { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99 }
        storage:     { cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99 }
        replication: { cidr: 10.22.0.0/24, vlan: 102, nodes: 10.22.0.10-10.22.0.99 }
      nodes:
      """;

  private static final String CLOUD =
      """
      networks:
        management: { cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199, nodes: 10.20.0.10-10.20.0.99, vip: 10.20.0.5 }
        storage:    { cidr: 10.21.0.0/24, vlan: 101, nodes: 10.21.0.10-10.21.0.99 }
      openstack: { region: rack1, virtualization: qemu }
      nodes:
      """;

  public final Scenario scenario;
  private final JoiningHosts joining;

  private ContainerCluster(Scenario scenario) {
    this.scenario = scenario;
    this.joining = new JoiningHosts(scenario.rack, scenario.appliance, scenario.directory);
  }

  /// The appliance runs; there are no hosts yet.
  public static ContainerCluster start(String name) throws IOException {
    return new ContainerCluster(Scenario.ofContainers(name));
  }

  /// The same, with OpenStack's packages in the appliance's mirror.
  static ContainerCluster startForCloud(String name) throws IOException {
    ContainerCluster cluster = start(name);
    cluster.scenario.mirrorForCloud();
    return cluster;
  }

  /// Container hosts in a rack that has machines too.
  static ContainerCluster in(Scenario scenario) {
    return new ContainerCluster(scenario);
  }

  /// A host, powered off.
  public ContainerHost host(int number, List<Integer> osds) {
    return joining.add(number, osds, scenario.hostImage());
  }

  /// A host that has joined.
  public ContainerHost joined(int number, List<Integer> osds) {
    ContainerHost host = host(number, osds);
    host.on();
    Commands.Result joined = join(host, invite());
    assertThat(joined.ok()).as(joined.output()).isTrue();
    return host;
  }

  JsonNode invite() {
    return joining.invite();
  }

  /// What the operator does with the invitation's lines.
  Commands.Result join(ContainerHost host, JsonNode invitation) {
    return joining.join(host, invitation);
  }

  /// Runs the invitation's lines as root.
  public Commands.Result join(ContainerHost host, String lines) {
    return joining.join(host, lines);
  }

  /// The operator's own login.
  public NodeShell operator(ContainerHost host) {
    return joining.operator(host);
  }

  /// Applies the networks and these rules.
  void apply(String... rules) {
    apply(NETWORKS, rules);
  }

  /// The same with OpenStack at 10.20.0.5; guests are emulated.
  void applyCloud(String... rules) {
    apply(CLOUD, rules);
  }

  private void apply(String head, String... rules) {
    scenario.apply(head + "  - " + String.join("\n  - ", rules) + "\n");
  }

  /// Orders what `./kindling deploy` orders, and waits until the phases have ended.
  ///
  /// @return whether they came to a good end
  boolean deploy(String body) {
    long begin = scenario.terminal.seconds();
    int finished = events("phase-done").size() + events("phase-failed").size();
    int failed = events("phase-failed").size();
    scenario.deploy(body);
    Waiting.until(
        "the phases' end",
        DEPLOYMENT,
        () -> events("phase-done").size() + events("phase-failed").size() > finished,
        () -> scenario.rack.hosts().forEach(ContainerHost::mustRun));
    scenario.terminal.say("deployed in " + (scenario.terminal.seconds() - begin) + " s");
    return events("phase-failed").size() == failed;
  }

  /// Deploys; every node must be ready then.
  void deployed(String... names) {
    assertThat(deploy("{}")).as(String.join("\n", events("phase-failed"))).isTrue();
    for (String name : names) {
      scenario.settled(name, SOON, "ready");
    }
  }

  /// What `./kindling check` finds.
  JsonNode check() {
    return ApplianceClient.must(
            scenario.client().send("POST", "/api/v1/check", "application/json", "{}"))
        .json();
  }

  /// `CHK-006 osd.1` and so on.
  static List<String> findings(JsonNode looked) {
    var findings = new ArrayList<String>();
    for (JsonNode row : looked.path("rows")) {
      if (row.path("finding").isObject()) {
        findings.add(
            row.path("finding").path("error").asString() + " " + row.path("subject").asString());
      }
    }
    return findings;
  }

  public List<String> events(String kind) {
    return scenario.events().stream().filter(e -> e.startsWith(kind + " ")).toList();
  }

  public static String output(NodeShell shell, String command) {
    Commands.Result result = shell.run(command);
    assertThat(result.ok()).as("%s: %s", command, result.output()).isTrue();
    return result.output().strip();
  }

  @Override
  public void close() {
    scenario.close();
  }
}
