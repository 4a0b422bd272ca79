package io.kindling.appliance.deploy;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The passwords and keys of OpenStack's services: each made when it is asked for first, the same
/// from then on. On stable storage before anybody sees them. Thread-safe.
public final class OpenStackSecrets {
  private static final String PREFIX = "openstack.secret.";
  private static final String KEY = "key.";
  private static final int PASSWORD_BYTES = 24;
  private static final int KEY_BYTES = 32;

  private final Settings settings;
  private final SecureRandom random;

  public OpenStackSecrets(Settings settings, SecureRandom random) {
    this.settings = settings;
    this.random = random;
  }

  /// @param names those that begin with `key.` are Fernet's keys (URL-safe base64 of 32 bytes), the
  ///   others passwords of hexadecimal digits
  public synchronized Map<String, String> of(List<String> names) {
    var secrets = new TreeMap<String, String>();
    for (String name : names) {
      String setting = PREFIX + name;
      secrets.put(
          name,
          settings
              .get(setting)
              .orElseGet(() -> {
                String fresh = fresh(name);
                settings.put(setting, fresh);
                return fresh;
              }));
    }
    return secrets;
  }

  /// Makes a secret anew. The next deployment puts it into effect.
  public synchronized void renew(String name) {
    settings.put(PREFIX + name, fresh(name));
  }

  /// Every secret there is.
  ///
  /// @param names of all settings
  public List<String> all(Set<String> names) {
    List<String> mine =
        names.stream()
            .filter(name -> name.startsWith(PREFIX))
            .map(name -> name.substring(PREFIX.length()))
            .toList();
    return List.copyOf(of(mine).values());
  }

  private String fresh(String name) {
    var bytes = new byte[name.startsWith(KEY) ? KEY_BYTES : PASSWORD_BYTES];
    random.nextBytes(bytes);
    return name.startsWith(KEY)
        ? Base64.getUrlEncoder().encodeToString(bytes)
        : HexFormat.of().formatHex(bytes);
  }
}
