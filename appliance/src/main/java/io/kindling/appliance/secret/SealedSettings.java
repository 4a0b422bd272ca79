package io.kindling.appliance.secret;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.deploy.Settings;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Settings whose values stand sealed in the store: AES-256-GCM (NIST SP 800-38D), a fresh nonce
/// for each value, bound to the value's name. A copy of the database alone tells nothing.
/// Thread-safe.
public final class SealedSettings implements Settings {
  private static final String SEALED = "sealed:1:";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final Settings store;
  private final SecretKeySpec key;
  private final SecureRandom random;

  public SealedSettings(Settings store, byte[] key, SecureRandom random) {
    this.store = store;
    this.key = new SecretKeySpec(key, "AES");
    this.random = random;
  }

  /// @throws ApplianceException where the value was sealed with another key
  @Override
  public Optional<String> get(String name) {
    Optional<String> kept = store.get(name);
    if (kept.isPresent() && !kept.get().startsWith(SEALED)) {
      put(name, kept.get()); // of a version that did not seal yet
      return kept;
    }
    return kept.map(value -> open(name, value.substring(SEALED.length())));
  }

  @Override
  public void put(String name, String value) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] sealed =
          cipher(Cipher.ENCRYPT_MODE, name, nonce).doFinal(value.getBytes(StandardCharsets.UTF_8));
      byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
      System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
      store.put(name, SEALED + Base64.getEncoder().encodeToString(all));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has AES-GCM
    }
  }

  private String open(String name, String sealed) {
    try {
      byte[] all = Base64.getDecoder().decode(sealed);
      byte[] nonce = Arrays.copyOf(all, NONCE_BYTES);
      byte[] value =
          cipher(Cipher.DECRYPT_MODE, name, nonce)
              .doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES);
      return new String(value, StandardCharsets.UTF_8);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new ApplianceException(ApplianceError.SEALED, name, e);
    }
  }

  private Cipher cipher(int mode, String name, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
