package io.kindling.appliance.machines;

import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.secret.Tokens;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Invitations for machines that have their own operating system, and the tokens of those that
/// came.
///
/// A join token is for one machine: the first that comes with it. That machine may come again with
/// it until it expires, for an answer can be lost on the way. What is kept of a token is its
/// SHA-256. Thread-safe.
public final class JoinBook {
  /// How long an invitation stands.
  public static final Duration VALID = Duration.ofHours(24);

  private static final String INVITATIONS = "join-tokens";
  private static final String MEMBERS = "member-tokens";

  private final Settings settings;
  private final Clock clock;
  private final SecureRandom random;

  public JoinBook(Settings settings, Clock clock, SecureRandom random) {
    this.settings = settings;
    this.clock = clock;
    this.random = random;
  }

  /// @param machine whom it has admitted, null for nobody yet
  private record Invitation(Instant expires, @Nullable String machine) {}

  /// A new join token.
  public synchronized String invite() {
    String token = Tokens.fresh(random);
    Map<String, Invitation> standing = invitations();
    standing.put(Tokens.hash(token), new Invitation(clock.instant().plus(VALID), null));
    keep(standing);
    return token;
  }

  /// True where the token admits the machine with that machine-id: from then on nobody else.
  synchronized boolean admits(String token, String machine) {
    Map<String, Invitation> standing = invitations();
    Invitation invitation = standing.get(Tokens.hash(token));
    if (invitation == null) {
      return false;
    }
    if (invitation.machine() == null) {
      standing.put(Tokens.hash(token), new Invitation(invitation.expires(), machine));
      keep(standing);
      return true;
    }
    return invitation.machine().equals(machine);
  }

  /// A new token for a node that has joined; the former one is worth nothing from now on.
  synchronized String member(UUID node) {
    String token = Tokens.fresh(random);
    Map<String, String> members = members();
    members.values().remove(node.toString());
    members.put(Tokens.hash(token), node.toString());
    settings.put(MEMBERS, Json.text(members));
    return token;
  }

  /// The node whose token that is.
  synchronized Optional<UUID> memberOf(String token) {
    return Optional.ofNullable(members().get(Tokens.hash(token))).map(UUID::fromString);
  }

  private Map<String, String> members() {
    var members = new TreeMap<String, String>();
    tree(MEMBERS).properties().forEach(e -> members.put(e.getKey(), e.getValue().asString("")));
    return members;
  }

  /// Those that have not expired.
  private Map<String, Invitation> invitations() {
    var standing = new TreeMap<String, Invitation>();
    for (Map.Entry<String, JsonNode> entry : tree(INVITATIONS).properties()) {
      Instant expires = Instant.parse(entry.getValue().path("expires").asString(""));
      if (expires.isAfter(clock.instant())) {
        JsonNode machine = entry.getValue().path("machine");
        standing.put(
            entry.getKey(),
            new Invitation(expires, machine.isString() ? machine.asString() : null));
      }
    }
    return standing;
  }

  private void keep(Map<String, Invitation> invitations) {
    var text = new TreeMap<String, Map<String, String>>();
    invitations.forEach((hash, invitation) -> {
      var fields = new TreeMap<String, String>();
      fields.put("expires", invitation.expires().toString());
      String machine = invitation.machine();
      if (machine != null) {
        fields.put("machine", machine);
      }
      text.put(hash, fields);
    });
    settings.put(INVITATIONS, Json.text(text));
  }

  private JsonNode tree(String key) {
    return Json.tree(settings.get(key).orElse("{}").getBytes(StandardCharsets.UTF_8));
  }
}
