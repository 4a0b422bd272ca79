package io.kindling.tests.rack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A network namespace with one bridge: the rack's switch. Nothing in it reaches the host's
/// network.
///
/// Not thread-safe. Needs root and iproute2.
///
/// @param namespace its name (`ip netns`)
/// @param address the appliance's address on the bridge, with prefix length
public record Network(String namespace, String address) {

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

  /// Ends everything that runs in the namespace and removes it.
  public void down() {
    if (!exists()) {
      return;
    }
    for (String pid :
        Commands.run("ip", "netns", "pids", namespace).lines().map(String::strip).toList()) {
      if (!pid.isEmpty()) {
        Commands.attempt(Duration.ofSeconds(5), List.of("kill", "-9", pid));
      }
    }
    Commands.run("ip", "netns", "del", namespace);
  }

  public boolean exists() {
    return java.nio.file.Files.exists(java.nio.file.Path.of("/run/netns", namespace));
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
