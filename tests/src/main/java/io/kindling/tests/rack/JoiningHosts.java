package io.kindling.tests.rack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What an operator does with hosts that have their system already: invites them, and runs the
/// invitation's lines on each. Not thread-safe.
public final class JoiningHosts {

  private static final Duration SOON = Duration.ofMinutes(3);

  private final Rack rack;
  private final ApplianceProcess appliance;
  private final Path key;

  /// @param directory for the operator's own key, which must not be there yet
  public JoiningHosts(Rack rack, ApplianceProcess appliance, Path directory) {
    this.rack = rack;
    this.appliance = appliance;
    this.key = directory.resolve("operator");
    Commands.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString());
  }

  /// Adds a host, powered off, that the operator may log in to.
  ///
  /// @param osds data drives, MiB each
  /// @param image see [RackEnvironment#hostImage]
  public ContainerHost add(int number, List<Integer> osds, Path image) {
    return rack.addHost(ContainerSpec.storageHost(number, osds, publicKey()), image);
  }

  public JsonNode invite() {
    return ApplianceClient.must(
            appliance.client().send("POST", "/api/v1/join-tokens", "application/json", "{}"))
        .json();
  }

  /// Does what the invitation says.
  public Commands.Result join(ContainerHost host, JsonNode invitation) {
    var lines = new StringBuilder();
    invitation.path("commands").forEach(line -> lines.append(line.asString()).append('\n'));
    return join(host, lines.toString());
  }

  /// Runs such lines as root.
  public Commands.Result join(ContainerHost host, String lines) {
    return operator(host).run("sudo sh -ec '" + lines.replace("'", "'\\''") + "' 2>&1");
  }

  /// The operator's own login, once it answers.
  public NodeShell operator(ContainerHost host) {
    var shell = new NodeShell(key, rack.network(), host.spec().address(ContainerSpec.MANAGEMENT));
    Waiting.until("SSH on " + shell.address(), SOON, () -> shell.run("true").ok(), host::mustRun);
    return shell;
  }

  private String publicKey() {
    try {
      return Files.readString(Path.of(key + ".pub"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
