package io.kindling.appliance.account;

import io.kindling.appliance.secret.Argon2id;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Passwords as Argon2id (RFC 9106), 19 MiB and two passes, kept as PHC strings. A few are computed
/// at the same time at most, for memory's sake. Thread-safe.
public final class Passwords {
  /// OWASP's Password Storage Cheat Sheet: m=19456, t=2, p=1.
  private static final int MEMORY_KIB = 19_456;

  private static final int PASSES = 2;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int SHORTEST = 12;
  private static final int LONGEST = 256;
  private static final Pattern PHC =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=1\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

  private final SecureRandom random;
  private final Semaphore places;
  private final Duration patience;

  /// @param atOnce computed at the same time, at most; each takes 19 MiB
  /// @param patience how long one waits for its turn
  public Passwords(SecureRandom random, int atOnce, Duration patience) {
    this.random = random;
    this.places = new Semaphore(atOnce, true);
    this.patience = patience;
  }

  /// What is kept of a new password.
  ///
  /// @throws io.kindling.appliance.http.Problem where it is too short or too long
  public String kept(String password) {
    int length = password.codePointCount(0, password.length());
    if (length < SHORTEST || length > LONGEST) {
      throw AccountError.PASSWORD.problem("it has " + length + " characters");
    }
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    byte[] hash = compute(password, salt, MEMORY_KIB, PASSES, HASH_BYTES);
    var base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m=%d,t=%d,p=1$%s$%s"
        .formatted(MEMORY_KIB, PASSES, base64.encodeToString(salt), base64.encodeToString(hash));
  }

  /// True where that is the password. Takes as long where there is none to compare with.
  public boolean matches(@Nullable String kept, String password) {
    if (password.length() > 4 * LONGEST) {
      return false;
    }
    Matcher phc = PHC.matcher(kept == null ? "" : kept);
    if (!phc.matches()) {
      compute(password, new byte[SALT_BYTES], MEMORY_KIB, PASSES, HASH_BYTES);
      return false;
    }
    byte[] salt = Base64.getDecoder().decode(phc.group(3));
    byte[] hash = Base64.getDecoder().decode(phc.group(4));
    byte[] found =
        compute(
            password,
            salt,
            Integer.parseInt(phc.group(1)),
            Integer.parseInt(phc.group(2)),
            hash.length);
    return MessageDigest.isEqual(hash, found);
  }

  private byte[] compute(String password, byte[] salt, int memory, int passes, int bytes) {
    try {
      if (!places.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw AccountError.BUSY.problem("none of the places became free");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AccountError.BUSY.problem("the appliance ends");
    }
    try {
      return Argon2id.of(password, salt, memory, passes, bytes);
    } finally {
      places.release();
    }
  }
}
