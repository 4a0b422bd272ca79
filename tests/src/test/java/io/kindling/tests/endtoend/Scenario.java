package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.isobuild.ImageBuilder;
import io.kindling.isobuild.Mirror;
import io.kindling.tests.rack.Accelerator;
import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.ApplianceProcess;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec;
import io.kindling.tests.rack.Network;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Rack;
import io.kindling.tests.rack.RackEnvironment;
import io.kindling.tests.rack.RackMachines;
import io.kindling.tests.rack.Terminal;
import io.kindling.tests.rack.Waiting;
import io.kindling.tests.structure.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/// A rack of its own with an appliance, for one test class: real firmware, real disks, real sshd.
public final class Scenario implements AutoCloseable {

  static final Duration DISCOVERY = Duration.ofMinutes(12);
  static final Duration INSTALLATION = Duration.ofMinutes(40);

  /// For Ceph on emulated machines.
  static final Duration PHASES = Duration.ofMinutes(40);

  /// Of every pool but the manager's own: copies, how many a write needs, and whether it has more
  /// than one placement group.
  static final String POOLS =
      "sudo ceph osd pool ls detail -f json | jq -r '.[] | select(.pool_name != \".mgr\")"
          + " | \"\\(.size) \\(.min_size) \\(.pg_num > 1)\"' | sort -u";

  public final Terminal terminal = new Terminal(System.out);
  final RackEnvironment environment;
  public final Path directory;
  public final Network network;
  public final Rack rack;
  public final ApplianceProcess appliance;

  private Scenario(
      RackEnvironment environment,
      Path directory,
      Network network,
      Rack rack,
      ApplianceProcess appliance) {
    this.environment = environment;
    this.directory = directory;
    this.network = network;
    this.rack = rack;
    this.appliance = appliance;
  }

  /// A rack with images, ready for machines.
  ///
  /// @param applianceWrapper a command the appliance runs under, none where empty
  static Scenario start(String name, String... applianceWrapper) throws IOException {
    Path home = Repository.root();
    var environment = new RackEnvironment(home, RackEnvironment.ofThisMachine().cache());
    var terminal = new Terminal(System.out);
    ImageBuilder images = environment.images(terminal);
    images.loaders();
    Path kernel = images.bootstrap().kernel();
    images.node();
    return start(name, environment, Accelerator.probe(kernel), applianceWrapper);
  }

  /// A rack for container hosts: nothing boots over its network.
  static Scenario ofContainers(String name) throws IOException {
    var environment =
        new RackEnvironment(Repository.root(), RackEnvironment.ofThisMachine().cache());
    return start(name, environment, Accelerator.EMULATION);
  }

  private static Scenario start(
      String name, RackEnvironment environment, String accelerator, String... applianceWrapper) {
    var network = new Network("kindling-" + name, "10.20.0.1/24");
    Rack.down(environment.directory("test-" + name), network);
    Path directory = environment.emptied("test-" + name);
    network.up();
    var appliance =
        new ApplianceProcess(directory, environment.cache(), network, List.of(applianceWrapper));
    var rack = new Rack(directory, network, accelerator);
    var scenario = new Scenario(environment, directory, network, rack, appliance);
    Runtime.getRuntime().addShutdownHook(new Thread(scenario::close));
    scenario.terminal.say(
        name + ": appliance ready in " + appliance.start(Duration.ofMinutes(1)).toMillis() + " ms");
    return scenario;
  }

  /// The images' cache, which the appliance uses too.
  Path cache() {
    return environment.cache();
  }

  /// Fetches into the appliance's mirror what OpenStack is made of, too.
  void mirrorForCloud() {
    Mirror.Synced synced =
        Mirror.in(environment.cache())
            .sync(true, (step, steps, what) -> terminal.say("mirror: " + what));
    terminal.say("mirror: " + synced);
  }

  /// What container hosts run on.
  Path hostImage() {
    return environment.hostImage(environment.images(terminal));
  }

  ApplianceClient client() {
    return appliance.client();
  }

  /// Waits until the inventory lists that many nodes.
  JsonNode discovered(int count) {
    Waiting.until(
        count + " nodes in the inventory",
        DISCOVERY,
        () -> client().nodes().size() >= count,
        this::mustRun);
    return client().nodes();
  }

  void apply(List<Machine> machines) {
    apply(RackMachines.clusterYaml(machines.stream().map(Machine::spec).toList()));
  }

  void apply(String yaml) {
    ApplianceClient.must(client().send("PUT", "/api/v1/cluster", "application/yaml", yaml));
  }

  void deploy(String body) {
    ApplianceClient.must(client().send("POST", "/api/v1/deploy", "application/json", body));
  }

  JsonNode node(String name) {
    return ApplianceClient.must(client().get("/api/v1/nodes/" + name)).json();
  }

  String state(String name) {
    return node(name).path("state").asString();
  }

  /// Waits until the node's state is one of these.
  public String settled(String name, Duration limit, String... states) {
    Predicate<String> wanted = List.of(states)::contains;
    Waiting.until(
        name + " in state " + String.join(" or ", states),
        limit,
        () -> appliance.isRunning() && wanted.test(state(name)),
        this::mustRun);
    return state(name);
  }

  public NodeShell shell(String name) {
    return new NodeShell(appliance, network, node(name));
  }

  /// Waits until a login as the installed user answers.
  public void reachable(NodeShell shell, Duration limit) {
    Waiting.until("SSH on " + shell.address(), limit, () -> shell.run("true").ok(), rackRuns());
  }

  /// Cuts the machines' power and gives it back, and waits until the installed system of each
  /// answers, booted anew; the appliance may be stopped.
  ///
  /// @param shells of the machines' nodes
  void powerCycle(List<Machine> machines, List<NodeShell> shells, Duration limit) {
    List<String> before = shells.stream().map(NodeShell::bootId).toList();
    long start = terminal.seconds();
    machines.forEach(Machine::cycle);
    for (int i = 0; i < shells.size(); i++) {
      NodeShell shell = shells.get(i);
      reachable(shell, limit);
      terminal.say(shell.address() + " is back: " + (terminal.seconds() - start) + " s");
      assertThat(shell.bootId()).isNotEqualTo(before.get(i));
    }
  }

  Machine machine(MachineSpec spec) {
    return rack.add(spec);
  }

  List<String> events() {
    var texts = new ArrayList<String>();
    for (JsonNode event :
        ApplianceClient.must(client().get("/api/v1/events?after=0&limit=10000")).json()) {
      texts.add(event.path("kind").asString() + " " + event.path("text").asString());
    }
    return texts;
  }

  /// The events' texts that begin so.
  List<String> eventsWith(String start) {
    return events().stream().filter(event -> event.startsWith(start)).toList();
  }

  private Runnable rackRuns() {
    return () -> rack.machines().forEach(Machine::mustRun);
  }

  private void mustRun() {
    rack.machines().forEach(Machine::mustRun);
  }

  @Override
  public void close() {
    appliance.kill();
    rack.close();
  }
}
