package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.release.Isos;
import io.kindling.appliance.release.Releases;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.TestParsing;
import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.ApplianceProcess;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Network;
import io.kindling.tests.rack.RackEnvironment;
import io.kindling.tests.rack.Terminal;
import io.kindling.tests.structure.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Whenever the power is cut, the appliance's disk holds all that it has told anybody, and needs no
/// repair. The run is recorded once, from the first start on; the cuts are made of the record.
@Tag("full")
final class PowerCutsTest {

  private static final int CUTS = 200;
  private static final int ROUNDS = 10;
  private static final String DELL =
      new String(TestParsing.recorded("dell-r640"), StandardCharsets.UTF_8);
  private static final Pattern LENT = Pattern.compile("lease of ([0-9.]+) obtained");
  private static final Pattern CLUSTER_NAME = Pattern.compile("name: rack([0-9]+)");

  private final Terminal terminal = new Terminal(System.out);
  private final Network network = new Network("kindling-power-cuts", "10.20.0.1/24");
  private Path directory;
  private RecordedDisk disk;
  private ApplianceProcess appliance;
  private PowerCuts cuts;

  @AfterEach
  void down() {
    if (appliance != null) {
      appliance.kill();
    }
    network.down();
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void nothingThatWasToldIsLost() throws Exception {
    var environment =
        new RackEnvironment(Repository.root(), RackEnvironment.ofThisMachine().cache());
    network.down();
    directory = environment.emptied("test-power-cuts");
    network.up();
    for (String[] ip :
        new String[][] {
          {"link", "add", "client0", "type", "veth", "peer", "name", "port0"},
          {"link", "set", "port0", "master", Network.BRIDGE, "up"}
        }) {
      ip(ip);
    }
    disk = new RecordedDisk(directory);
    cuts = new PowerCuts(disk.log(), disk.before());
    appliance = new ApplianceProcess(disk.root(), environment.cache(), network, List.of());
    appliance.ownAuthority();
    appliance.start(Duration.ofMinutes(5));

    for (int round = 1; round <= ROUNDS; round++) {
      lend(2 * round - 1);
      lend(2 * round);
      report(round);
      apply(round);
      token("token-" + round);
    }
    release("9.4");
    release("10.0");
    deployment();
    appliance.kill();

    long seed = System.nanoTime();
    terminal.say("cuts begin, seed " + seed);
    PowerCuts.Outcome outcome = cuts.cut(CUTS, seed);
    terminal.say(outcome.toString());
    assertThat(outcome.held()).isGreaterThan(10L * CUTS);
    assertThat(outcome.lost()).isPositive();
  }

  private void ip(String... arguments) {
    Commands.run(
        Stream.concat(Stream.of("ip", "-n", network.namespace()), Stream.of(arguments))
            .toArray(String[]::new));
  }

  /// A machine is lent an address.
  private void lend(int number) throws IOException {
    String mac = "02:00:00:00:00:%02x".formatted(number);
    ip("link", "set", "client0", "down", "address", mac);
    ip("link", "set", "client0", "up");
    Commands.Result asked =
        Commands.attempt(
            Duration.ofMinutes(1),
            network.in(
                "busybox",
                "udhcpc",
                "-i",
                "client0",
                "-f",
                "-q",
                "-n",
                "-t",
                "10",
                "-s",
                "/bin/true"));
    Matcher lent = LENT.matcher(asked.output());
    assertThat(lent.find()).as(asked.output()).isTrue();
    String address = lent.group(1);
    cuts.told(
        "the lease of " + address,
        state ->
            state.leases().stream()
                .anyMatch(row -> row.mac().equals(mac) && row.address().equals(address)));
  }

  /// A machine tells what it is.
  private void report(int number) throws IOException {
    String document =
        DELL.replace("b0:26:28:00:00:", "b0:26:28:00:%02x:".formatted(number))
            .replace(
                "4c4c4544-004b-4e10-8044-cbc04f303031",
                "4c4c4544-004b-4e10-8044-%012x".formatted(number))
            .replace("KND0001", "KND%04d".formatted(number));
    Path file = Files.writeString(directory.resolve("report.json"), document);
    Commands.run(
        network
            .in(
                "curl",
                "-sS",
                "--fail-with-body",
                "--data-binary",
                "@" + file,
                "http://10.20.0.1/agent/v1/report")
            .toArray(String[]::new));
    cuts.told("machine " + number, node(mac(number), node -> true));
  }

  private static String mac(int number) {
    return "b0:26:28:00:%02x:10".formatted(number);
  }

  private static Predicate<PowerCuts.State> node(String mac, Predicate<Node> is) {
    return state -> state.nodes().stream().anyMatch(n -> n.macs().contains(mac) && is.test(n));
  }

  /// An operator changes the cluster.
  private void apply(int number) throws IOException {
    send(
        "PUT",
        "/api/v1/cluster",
        "application/yaml",
        "name: rack%d\nnodes:\n  - { match: { mac: \"%s\" }, name: node-1, roles: [base] }\n"
            .formatted(number, mac(1)));
    cuts.told(
        "cluster " + number,
        state -> {
          Matcher name = CLUSTER_NAME.matcher(state.cluster());
          return name.find() && Integer.parseInt(name.group(1)) >= number;
        });
  }

  private void token(String name) throws IOException {
    send(
        "POST",
        "/api/v1/tokens",
        "application/json",
        "{\"name\":\"%s\",\"role\":\"viewer\",\"days\":30}".formatted(name));
    cuts.told("token " + name, state -> state.tokens().contains(name));
  }

  /// A release is imported.
  private void release(String version) throws Exception {
    Path tree = Isos.tree(directory.resolve("tree-" + version), "Rocky Linux", version, "x86_64");
    Path iso = Isos.iso(tree, directory.resolve(version + ".iso"));
    KindlingCli.must("release", "import", iso.toString(), "--state", appliance.state().toString());
    String id = "rocky-" + version;
    cuts.told(
        "release " + id,
        state ->
            state.releases().contains(id)
                && same(tree, state.directory().resolve(Releases.DIRECTORY).resolve(id)));
  }

  private static boolean same(Path tree, Path other) {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path its = other.resolve(tree.relativize(file));
        if (!Files.isRegularFile(its) || Files.mismatch(file, its) >= 0) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A machine's installation is ordered; nobody switches the machine on.
  private void deployment() throws IOException {
    send("POST", "/api/v1/deploy", "application/json", "{}");
    String state = appliance.client().get("/api/v1/nodes/node-1").json().path("state").asString();
    assertThat(state).isNotEqualTo("discovered");
    int rank = NodeState.valueOf(state.toUpperCase(Locale.ROOT)).ordinal();
    cuts.told(
        "node-1 " + state,
        node(mac(1), node -> node.name().equals("node-1") && node.state().ordinal() >= rank));
  }

  private void send(String method, String path, String type, String body) {
    ApplianceClient.must(appliance.client().send(method, path, type, body));
  }
}
