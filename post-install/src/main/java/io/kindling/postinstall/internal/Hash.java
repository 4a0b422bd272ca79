package io.kindling.postinstall.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Names a text by what is in it.
public final class Hash {

  private Hash() {}

  /// The first 16 hex digits of its SHA-256.
  public static String of(String text) {
    return sha256(text).substring(0, 16);
  }

  /// Its SHA-256 in hex digits.
  public static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has SHA-256
    }
  }
}
