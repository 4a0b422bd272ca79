package io.kindling.appliance.secret;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// Argon2id (RFC 9106), one lane. Stateless.
public final class Argon2id {
  /// From here on, in KiB, the heap is put in order before and after: else it grows by so much on
  /// top of all that nobody has collected yet, and keeps it.
  private static final int MUCH = 32 << 10;

  private Argon2id() {}

  /// What comes of what somebody typed.
  ///
  /// @param memory KiB
  /// @param passes over it
  /// @param bytes of the result
  public static byte[] of(String typed, byte[] salt, int memory, int passes, int bytes) {
    if (memory < MUCH) {
      return compute(typed, salt, memory, passes, bytes);
    }
    System.gc();
    byte[] hash = compute(typed, salt, memory, passes, bytes);
    System.gc();
    return hash;
  }

  private static byte[] compute(String typed, byte[] salt, int memory, int passes, int bytes) {
    var argon2 = new Argon2BytesGenerator();
    argon2.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memory)
            .withIterations(passes)
            .withParallelism(1)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[bytes];
    // The same character can be typed in more than one way (NIST SP 800-63B, 3.1.1.2).
    String normal = Normalizer.normalize(typed, Normalizer.Form.NFKC);
    argon2.generateBytes(normal.getBytes(StandardCharsets.UTF_8), hash);
    return hash;
  }
}
