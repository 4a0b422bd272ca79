package io.kindling.tests.rack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The operator's own `ssh` to an installed node, with the appliance's key and the host key that
/// the inventory knows.
public final class NodeShell {

  /// The user the installation makes.
  public static final String USER = "kindling";

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Path key;
  private final Network network;
  private final String address;
  private final Duration limit;

  /// @param node as the API shows it
  public NodeShell(ApplianceProcess appliance, Network network, JsonNode node) {
    this(appliance, network, node.path("addresses").path("management").asString().split("/")[0]);
  }

  public NodeShell(ApplianceProcess appliance, Network network, String address) {
    this(appliance.state().resolve("id_ed25519"), network, address);
  }

  /// @param key the private key's file
  public NodeShell(Path key, Network network, String address) {
    this(key, network, address, LIMIT);
  }

  /// @param limit a command's
  public NodeShell(Path key, Network network, String address, Duration limit) {
    this.key = key;
    this.network = network;
    this.address = address;
    this.limit = limit;
  }

  public String address() {
    return address;
  }

  /// The same, where commands may take that long.
  public NodeShell within(Duration limit) {
    return new NodeShell(key, network, address, limit);
  }

  /// Runs the command as the installed non-root user.
  public Commands.Result run(String command) {
    return as(USER, command, "-o", "PasswordAuthentication=no");
  }

  /// Another one after each boot.
  public String bootId() {
    return run("cat /proc/sys/kernel/random/boot_id").output().strip();
  }

  /// Runs the command as another user or with other options.
  public Commands.Result as(String user, String command, String... options) {
    var ssh = new ArrayList<String>();
    ssh.addAll(
        List.of(
            "ssh",
            "-i",
            key.toString(),
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "LogLevel=ERROR",
            "-o",
            "ConnectTimeout=10"));
    ssh.addAll(List.of(options));
    ssh.addAll(List.of(user + "@" + address, command));
    return Commands.attempt(limit, network.in(ssh.toArray(String[]::new)));
  }
}
