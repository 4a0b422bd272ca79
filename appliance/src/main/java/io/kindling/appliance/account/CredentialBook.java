package io.kindling.appliance.account;

import io.kindling.appliance.http.Access;
import io.kindling.appliance.secret.Tokens;
import io.kindling.inventory.store.AccessTable;
import io.kindling.inventory.store.AccessTable.Credential;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Secrets that were handed out, by their hash: found in memory, kept in the store. Thread-safe.
public final class CredentialBook {
  /// How stale a kept time of use may be.
  private static final Duration USE_KEPT = Duration.ofMinutes(1);

  private final AccessTable table;
  private final Clock clock;
  private final SecureRandom random;
  private final Map<String, Credential> byHash = new ConcurrentHashMap<>();

  public CredentialBook(AccessTable table, Clock clock, SecureRandom random) {
    this.table = table;
    this.clock = clock;
    this.random = random;
    table.credentials().forEach(c -> byHash.put(c.hash(), c));
  }

  enum Kind {
    SESSION,
    TOKEN,
    LINK
  }

  Instant now() {
    return clock.instant();
  }

  /// Hands out a new secret; those that have expired, and those named, are worth nothing from now
  /// on.
  synchronized String issue(
      Kind kind,
      String name,
      @Nullable String account,
      Access role,
      Duration lifetime,
      Predicate<Credential> dropped) {
    String secret = Tokens.fresh(random);
    Instant now = clock.instant();
    var fresh =
        new Credential(
            Tokens.hash(secret),
            kind.name(),
            name,
            account,
            role.name(),
            now,
            now,
            now.plus(lifetime));
    List<String> gone = hashes(dropped.or(c -> !c.expires().isAfter(now)));
    table.exchange(gone, fresh);
    byHash.keySet().removeAll(gone);
    byHash.put(fresh.hash(), fresh);
    return secret;
  }

  /// What that secret stands for, until it expires.
  Optional<Credential> find(Kind kind, String secret) {
    return Optional.ofNullable(byHash.get(Tokens.hash(secret)))
        .filter(c -> c.kind().equals(kind.name()) && c.expires().isAfter(clock.instant()));
  }

  boolean isThere(Credential credential) {
    return byHash.containsKey(credential.hash()) && credential.expires().isAfter(clock.instant());
  }

  /// Those of a kind that have not expired, oldest first.
  List<Credential> all(Kind kind) {
    return byHash.values().stream()
        .filter(c -> c.kind().equals(kind.name()) && c.expires().isAfter(clock.instant()))
        .sorted(java.util.Comparator.comparing(Credential::created))
        .toList();
  }

  /// Notes that it was used now.
  void used(Credential credential) {
    Instant now = clock.instant();
    boolean keep = Duration.between(credential.used(), now).compareTo(USE_KEPT) > 0;
    if (keep) {
      byHash.computeIfPresent(
          credential.hash(),
          (hash, c) ->
              new Credential(
                  hash, c.kind(), c.name(), c.account(), c.role(), c.created(), now, c.expires()));
      table.used(credential.hash(), now);
    }
  }

  /// Makes some worthless; how many they were.
  synchronized int drop(Predicate<Credential> dropped) {
    List<String> gone = hashes(dropped);
    if (!gone.isEmpty()) {
      table.exchange(gone, null);
      byHash.keySet().removeAll(gone);
    }
    return gone.size();
  }

  /// Takes those out that the store has dropped.
  synchronized void forget(Collection<String> hashes) {
    byHash.keySet().removeAll(List.copyOf(hashes));
  }

  List<String> hashes(Predicate<Credential> wanted) {
    return byHash.values().stream().filter(wanted).map(Credential::hash).toList();
  }
}
