package io.kindling.postinstall.net;

import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.net.NetPlan.Lane;
import io.kindling.postinstall.net.NetPlan.Node;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.LineSink;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshSession;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/// Nodes that are network namespaces, their NICs wired to bridges in one that is the switch: `eth0`
/// to `man`, `eth1` to `sto`, `eth2` to `rep`. eth1 has the usual MTU and eth2 is down, as in the
/// bootstrap. Scripts run in the node's namespace. Needs root.
final class NamespaceRack implements SshConnector, AutoCloseable {

  static final List<String> BRIDGES = List.of("man", "sto", "rep");

  private final String prefix = "wtnv" + ProcessHandle.current().pid();
  private final List<String> namespaces = new ArrayList<>();
  private final List<Process> servers = new ArrayList<>();
  final int nodes;
  volatile BiConsumer<String, String> onLine = (node, line) -> {};

  NamespaceRack(int nodes) {
    this.nodes = nodes;
    namespace("switch");
    for (String bridge : BRIDGES) {
      in("switch", "ip link add name %s type bridge forward_delay 0".formatted(bridge));
      in("switch", "ip link set dev %s mtu 9000 up".formatted(bridge));
    }
    for (int n = 1; n <= nodes; n++) {
      namespace("node-" + n);
      for (int nic = 0; nic < BRIDGES.size(); nic++) {
        wire("node-" + n, "eth" + nic, n, nic, BRIDGES.get(nic));
      }
      in("node-" + n, "ip link set dev eth0 up; ip link set dev eth1 up");
    }
  }

  /// Wires a NIC to a bridge; the port's name is `pNODExNIC`.
  void wire(String namespace, String name, int number, int nic, String bridge) {
    String port = port(number, nic);
    in(
        namespace,
        "ip link add name %s address %s type veth peer name %s netns %s"
            .formatted(name, mac(number, nic), port, name("switch")));
    in(
        "switch",
        "ip link set dev %1$s mtu 9000; ip link set dev %1$s master %2$s up"
            .formatted(port, bridge));
  }

  static String port(int number, int nic) {
    return "p" + number + "x" + nic;
  }

  static String mac(int number, int nic) {
    return "52:54:00:00:%02x:%02x".formatted(number, nic);
  }

  private String name(String namespace) {
    return prefix + "-" + namespace;
  }

  void namespace(String name) {
    sh("ip netns add " + name(name));
    namespaces.add(name);
    in(name, "ip link set dev lo up");
  }

  /// Runs the command in that namespace, which must succeed.
  String in(String namespace, String command) {
    return sh("ip netns exec " + name(namespace) + " sh -ec '" + command + "'");
  }

  /// A server that runs in that namespace as long as the rack.
  Process serve(String namespace, String... command) {
    var all = new ArrayList<>(List.of("ip", "netns", "exec", name(namespace)));
    all.addAll(List.of(command));
    try {
      Process server =
          new ProcessBuilder(all)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      servers.add(server);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sh(String command) {
    try {
      Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(command + ": " + said);
      }
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// All that a run could leave behind on a node: links with their state and MTU, addresses,
  /// routes, processes.
  String state(String node) {
    return in(
            node,
            "ip -o link show | sed \"s/ qdisc [a-z]*//; s/ qlen.*//\"; ip route; ip rule;"
                + " ip -o addr show | sed \"s/ tentative//; s/ *[\\].*//\"")
        + sh("ip netns pids " + name(node));
  }

  /// The plan's node of that number, on the networks of these NICs.
  Node node(int number, Lane... lanes) {
    return new Node(
        "node-" + number,
        Optional.of(
            new Host(
                UUID.nameUUIDFromBytes(new byte[] {(byte) number}),
                1,
                "node-" + number,
                "node-" + number,
                22,
                "root",
                List.of())),
        true,
        List.of(lanes));
  }

  @Override
  public Connection connect(String address, int port, String user, List<String> hostKeys) {
    return new Connected(new Session(address));
  }

  private final class Session implements SshSession {
    private final String node;

    Session(String node) {
      this.node = node;
    }

    @Override
    public ExitStatus run(Script script, LineSink out, Duration limit) throws InterruptedException {
      var command = new ArrayList<>(List.of("ip", "netns", "exec", name(node), "sh", "-s", "--"));
      command.addAll(script.arguments());
      try {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
          in.write(script.text().getBytes(StandardCharsets.UTF_8));
        }
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
          for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            out.line(line);
            onLine.accept(node, line);
          }
        }
        return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
            ? new ExitStatus.Exited(process.exitValue())
            : new ExitStatus.TimedOut(limit);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public ExitStatus put(byte[] content, String path, String mode, Duration limit) {
      throw new UnsupportedOperationException("nothing is put on a node");
    }

    @Override
    public boolean alive() {
      return true;
    }

    @Override
    public void close() {
      // nothing is held
    }
  }

  @Override
  public void close() {
    servers.forEach(Process::destroyForcibly);
    for (String namespace : namespaces) {
      if (Files.exists(Path.of("/run/netns", name(namespace)))) {
        sh("ip netns pids %1$s | xargs -r kill -9; ip netns del %1$s".formatted(name(namespace)));
      }
    }
  }
}
