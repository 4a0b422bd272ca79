package io.kindling.postinstall.ceph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;

/// Makes cephx keys as `ceph-authtool --gen-print-key` does (Ceph src/auth/Crypto.cc): base64 of
/// type 1 (AES) in 16 bits, seconds and nanoseconds in 32 bits each, length 16 in 16 bits, all
/// little endian, and 16 random bytes.
public final class CephKeys {

  private static final short AES = 1;
  private static final short LENGTH = 16;

  private CephKeys() {}

  public static String generate(SecureRandom random, Instant now) {
    var secret = new byte[LENGTH];
    random.nextBytes(secret);
    ByteBuffer key = ByteBuffer.allocate(12 + LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    key.putShort(AES).putInt((int) now.getEpochSecond()).putInt(now.getNano());
    key.putShort(LENGTH).put(secret);
    return Base64.getEncoder().encodeToString(key.array());
  }
}
