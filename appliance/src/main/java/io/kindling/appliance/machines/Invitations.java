package io.kindling.appliance.machines;

import java.net.URI;
import java.util.List;

/// Invites machines that have their own operating system. Thread-safe.
///
/// The agent is fetched by plain HTTP, so the lines that an operator carries to the machine hold
/// what makes it trustworthy: its checksum, and the key that may log in.
public final class Invitations {
  private final JoinBook joins;
  private final URI url;
  private final String publicKey;
  private final AgentScript agent = new AgentScript();

  /// @param url the machines' listener
  /// @param publicKey the appliance's OpenSSH public key line
  public Invitations(JoinBook joins, URI url, String publicKey) {
    this.joins = joins;
    this.url = url;
    this.publicKey = publicKey;
  }

  /// @param commands to be run as root on the machine, in this order
  public record Invitation(String token, String validFor, List<String> commands) {}

  /// A new token and what to do with it.
  public Invitation invite() {
    String token = joins.invite();
    return new Invitation(
        token,
        JoinBook.VALID.toHours() + " h",
        List.of(
            "curl -fsSo kindling-agent.sh " + url + AgentScript.PATH,
            "echo '" + agent.sha256() + "  kindling-agent.sh' | sha256sum --check --quiet &&",
            "KINDLING_JOIN=" + token + " sh kindling-agent.sh --join " + url + " '" + key() + "'"));
  }

  private String key() {
    String key = publicKey.strip();
    if (key.indexOf('\'') >= 0) {
      throw new IllegalStateException("no OpenSSH public key holds a quote: " + key);
    }
    return key;
  }
}
