package io.kindling.appliance.deploy;

import io.kindling.postinstall.ceph.CephKeys;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/// The cluster's id and cephx keys: made when they are asked for first, the same from then on,
/// whatever becomes of the nodes. On stable storage before anybody sees them. Thread-safe.
public final class CephSecrets {
  private static final String FSID = "ceph.fsid";
  private static final String KEY = "ceph.key.";

  private final Settings settings;
  private final Clock clock;
  private final SecureRandom random;

  public CephSecrets(Settings settings, Clock clock, SecureRandom random) {
    this.settings = settings;
    this.clock = clock;
    this.random = random;
  }

  public synchronized UUID fsid() {
    return UUID.fromString(once(FSID, UUID.randomUUID().toString()));
  }

  /// The keys of these entities.
  public synchronized TreeMap<String, String> keys(Set<String> entities) {
    var keys = new TreeMap<String, String>();
    for (String entity : entities) {
      keys.put(entity, once(KEY + entity, CephKeys.generate(random, clock.instant())));
    }
    return keys;
  }

  /// Makes the key of that entity anew. The next deployment puts it into effect.
  public synchronized void renew(String entity) {
    settings.put(KEY + entity, CephKeys.generate(random, clock.instant()));
  }

  /// Every key there is.
  ///
  /// @param names of all settings
  public List<String> all(Set<String> names) {
    Set<String> entities =
        names.stream()
            .filter(name -> name.startsWith(KEY))
            .map(name -> name.substring(KEY.length()))
            .collect(Collectors.toSet());
    return List.copyOf(keys(entities).values());
  }

  private String once(String name, String fresh) {
    return settings
        .get(name)
        .orElseGet(() -> {
          settings.put(name, fresh);
          return fresh;
        });
  }
}
