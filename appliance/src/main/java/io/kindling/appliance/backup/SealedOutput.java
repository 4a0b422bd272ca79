package io.kindling.appliance.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Seals a stream piece by piece (AES-256-GCM under a key used for nothing else). A piece's nonce
/// is its number and whether it is the last, so that pieces cannot change places, and none can be
/// missing at the end (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár). Not
/// thread-safe.
final class SealedOutput extends OutputStream {
  static final int PIECE = 64 << 10;
  static final int TAG = 16;

  private final OutputStream out;
  private final SecretKeySpec key;
  private final byte[] piece = new byte[PIECE];
  private int filled;
  private long number;
  private boolean closed;

  SealedOutput(OutputStream out, byte[] key) {
    this.out = out;
    this.key = new SecretKeySpec(key, "AES");
  }

  static Cipher cipher(int mode, SecretKeySpec key, long number, boolean last)
      throws GeneralSecurityException {
    byte[] nonce = ByteBuffer.allocate(12).putInt(last ? 1 : 0).putLong(number).array();
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(8 * TAG, nonce));
    return cipher;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int left = length;
    while (left > 0) {
      if (filled == PIECE) {
        seal(false); // more comes, so it was not the last
      }
      int taken = Math.min(left, PIECE - filled);
      System.arraycopy(bytes, at, piece, filled, taken);
      filled += taken;
      at += taken;
      left -= taken;
    }
  }

  private void seal(boolean last) throws IOException {
    try {
      out.write(cipher(Cipher.ENCRYPT_MODE, key, number++, last).doFinal(piece, 0, filled));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has AES-GCM
    }
    filled = 0;
  }

  /// Seals the last piece; the stream behind stays open.
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      seal(true);
      out.flush();
    }
  }
}
