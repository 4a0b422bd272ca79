package io.kindling.tests.rack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A network namespace with one bridge: the rack's switch. Nothing in it reaches the host's
/// network.
///
/// Not thread-safe. Needs root and iproute2.
///
/// @param namespace its name (`ip netns`)
/// @param address the appliance's address on the bridge, with prefix length
public record Network(String namespace, String address) {

  private static final Path NAMESPACES = Path.of("/run/netns");

  /// The switch, and the appliance's provisioning interface.
  public static final String BRIDGE = "rack0";

  /// Makes the namespace; one of that name must not exist.
  public void up() {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new RackException(RackError.NOT_ROOT, "user " + System.getProperty("user.name"));
    }
    if (exists()) {
      throw new RackException(RackError.BUSY, namespace);
    }
    Commands.run("ip", "netns", "add", namespace);
    ip("link", "set", "lo", "up");
    ip("link", "add", BRIDGE, "type", "bridge", "forward_delay", "0", "stp_state", "0");
    // A bridge without a port that is up has no carrier, and the appliance starts before the
    // machines.
    ip("link", "add", "port", "type", "veth", "peer", "name", "plug");
    ip("link", "set", "plug", "up");
    ip("link", "set", "port", "master", BRIDGE, "up");
    ip("addr", "add", address, "dev", BRIDGE);
    ip("link", "set", BRIDGE, "up");
  }

  /// Adds a port to the switch for a machine's NIC.
  public void plug(String tap) {
    if (!Commands.attempt(Duration.ofSeconds(10), in("ip", "link", "show", "dev", tap)).ok()) {
      ip("tuntap", "add", "dev", tap, "mode", "tap");
    }
    ip("link", "set", tap, "master", BRIDGE, "up");
  }

  /// Wires a NIC of a container host to a switch, which is made where it is not there yet.
  ///
  /// @param bridge the switch: [#BRIDGE] or one for each further network
  /// @param port the NIC's port at the switch
  /// @param host the container host's namespace
  void wire(String bridge, String port, String host, String nic, String mac) {
    if (!Commands.attempt(Duration.ofSeconds(10), in("ip", "link", "show", "dev", bridge)).ok()) {
      ip("link", "add", bridge, "type", "bridge", "forward_delay", "0", "stp_state", "0");
      ip("link", "set", bridge, "up");
    }
    ip("link", "add", port, "type", "veth", "peer", "name", nic, "address", mac, "netns", host);
    ip("link", "set", port, "master", bridge, "up");
  }

  /// Ends everything that runs in the namespace and in those of its container hosts, and removes
  /// them.
  public void down() {
    for (String host : hosts()) {
      endIn(namespaceOf(host));
      Commands.run("ip", "netns", "del", namespaceOf(host));
    }
    if (exists()) {
      endIn(namespace);
      Commands.run("ip", "netns", "del", namespace);
    }
  }

  public boolean exists() {
    return Files.exists(file());
  }

  /// The file that stands for it.
  Path file() {
    return NAMESPACES.resolve(namespace);
  }

  /// The namespace of a container host of this rack.
  String namespaceOf(String host) {
    return namespace + "." + host;
  }

  /// The container hosts that are plugged in, on or off.
  List<String> hosts() {
    String prefix = namespace + ".";
    try (Stream<Path> all =
        Files.isDirectory(NAMESPACES) ? Files.list(NAMESPACES) : Stream.empty()) {
      return all.map(f -> f.getFileName().toString())
          .filter(name -> name.startsWith(prefix))
          .map(name -> name.substring(prefix.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// True while a process of that container host runs.
  boolean runs(String host) {
    return processesIn(namespaceOf(host)).findAny().isPresent();
  }

  /// The processes that run in that namespace.
  static Stream<ProcessHandle> processesIn(String namespace) {
    if (!Files.exists(NAMESPACES.resolve(namespace))) {
      return Stream.empty();
    }
    return Commands.run("ip", "netns", "pids", namespace)
        .lines()
        .map(String::strip)
        .filter(pid -> !pid.isEmpty())
        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream());
  }

  /// Ends them at once, and returns when they have ended.
  static void endIn(String namespace) {
    List<ProcessHandle> running = processesIn(namespace).toList();
    running.forEach(ProcessHandle::destroyForcibly);
    running.forEach(process -> process.onExit().join());
  }

  /// The command that runs `command` inside the namespace.
  public List<String> in(String... command) {
    var all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(List.of(command));
    return all;
  }

  private void ip(String... arguments) {
    var command = new ArrayList<>(List.of("ip", "-n", namespace));
    command.addAll(List.of(arguments));
    Commands.run(command.toArray(String[]::new));
  }
}
