package io.kindling.appliance.boot;

import io.kindling.appliance.secret.KeyFile;
import io.kindling.pxe.HardwareAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Bearer tokens of boots: the boot's hardware address, its time and 128 random bits under
/// HMAC-SHA-256 with a key that never leaves the state directory. Nothing is stored per token, so a
/// running bootstrap survives the appliance's restart. Thread-safe.
public final class BootTokens {
  private static final int RANDOM_BYTES = 16;
  private static final int BODY_BYTES = 6 + Long.BYTES + RANDOM_BYTES;
  private static final int ATTEMPT_BYTES = 2 * Long.BYTES + Integer.BYTES;
  private static final int TOKEN_BYTES = BODY_BYTES + 32;

  /// A bootstrap may idle for weeks before its machine is assigned.
  static final Duration MAX_AGE = Duration.ofDays(90);

  private final SecretKeySpec key;
  private final Clock clock;
  private final SecureRandom random;

  BootTokens(byte[] key, Clock clock, SecureRandom random) {
    this.key = new SecretKeySpec(key, "HmacSHA256");
    this.clock = clock;
    this.random = random;
  }

  /// Reads the key from `boot-token.key` in the state directory; makes it where there is none.
  public static BootTokens open(Path stateDir, Clock clock, SecureRandom random)
      throws IOException {
    byte[] key = KeyFile.loadOrCreate(stateDir.resolve("boot-token.key"), random);
    return new BootTokens(key, clock, random);
  }

  /// A new token for a boot from this address.
  public String issue(HardwareAddress mac) {
    byte[] nonce = new byte[RANDOM_BYTES];
    random.nextBytes(nonce);
    byte[] body =
        ByteBuffer.allocate(BODY_BYTES).put(mac.bytes()).putLong(clock.millis()).put(nonce).array();
    byte[] token = Arrays.copyOf(body, TOKEN_BYTES);
    System.arraycopy(hmac(body), 0, token, BODY_BYTES, 32);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  /// An attempt's token: the same whenever it is asked for. What it is good for, and how long, is
  /// for the caller to say.
  ///
  /// @param attempt counts the node's installations
  public record Attempt(UUID node, int attempt) {}

  public String issue(Attempt attempt) {
    byte[] body = body(attempt);
    byte[] token = Arrays.copyOf(body, ATTEMPT_BYTES + 32);
    System.arraycopy(hmac(purpose(body)), 0, token, ATTEMPT_BYTES, 32);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  /// The attempt of a token, if it is one of ours.
  public Optional<Attempt> attemptOf(String token) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(token.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
    if (bytes.length != ATTEMPT_BYTES + 32) {
      return Optional.empty();
    }
    byte[] body = Arrays.copyOf(bytes, ATTEMPT_BYTES);
    byte[] seal = Arrays.copyOfRange(bytes, ATTEMPT_BYTES, bytes.length);
    if (!MessageDigest.isEqual(seal, hmac(purpose(body)))) {
      return Optional.empty();
    }
    ByteBuffer read = ByteBuffer.wrap(body);
    return Optional.of(new Attempt(new UUID(read.getLong(), read.getLong()), read.getInt()));
  }

  private static byte[] body(Attempt attempt) {
    return ByteBuffer.allocate(ATTEMPT_BYTES)
        .putLong(attempt.node().getMostSignificantBits())
        .putLong(attempt.node().getLeastSignificantBits())
        .putInt(attempt.attempt())
        .array();
  }

  /// What is sealed for an attempt is never what is sealed for a boot.
  private static byte[] purpose(byte[] body) {
    byte[] purpose = "kindling-attempt ".getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(purpose, purpose.length + body.length);
    System.arraycopy(body, 0, all, purpose.length, body.length);
    return all;
  }

  /// The address a token was issued for, if it is one of ours and not too old.
  public Optional<HardwareAddress> check(String token) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(token.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
    if (bytes.length != TOKEN_BYTES) {
      return Optional.empty();
    }
    byte[] body = Arrays.copyOf(bytes, BODY_BYTES);
    byte[] seal = Arrays.copyOfRange(bytes, BODY_BYTES, TOKEN_BYTES);
    if (!MessageDigest.isEqual(seal, hmac(body))) {
      return Optional.empty();
    }
    Instant issued = Instant.ofEpochMilli(ByteBuffer.wrap(body).getLong(6));
    if (issued.plus(MAX_AGE).isBefore(clock.instant())) {
      return Optional.empty();
    }
    return Optional.of(HardwareAddress.of(Arrays.copyOf(body, 6)));
  }

  private byte[] hmac(byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has HmacSHA256
    }
  }
}
