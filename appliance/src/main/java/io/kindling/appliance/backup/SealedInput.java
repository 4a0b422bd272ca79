package io.kindling.appliance.backup;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/// Opens what [SealedOutput] sealed; nothing comes out of a piece that is not as it was sealed. Not
/// thread-safe.
final class SealedInput extends InputStream {
  private final InputStream in;
  private final SecretKeySpec key;
  private long left;
  private long number;
  private byte[] piece = new byte[0];
  private int at;

  /// @param bytes of what is sealed
  SealedInput(InputStream in, byte[] key, long bytes) {
    this.in = in;
    this.key = new SecretKeySpec(key, "AES");
    this.left = bytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (at == piece.length) {
      if (left == 0) {
        return -1;
      }
      open();
    }
    int given = Math.min(length, piece.length - at);
    System.arraycopy(piece, at, bytes, offset, given);
    at += given;
    return given;
  }

  private void open() throws IOException {
    byte[] sealed = in.readNBytes((int) Math.min(left, SealedOutput.PIECE + SealedOutput.TAG));
    left -= sealed.length;
    try {
      piece = SealedOutput.cipher(Cipher.DECRYPT_MODE, key, number, left == 0).doFinal(sealed);
    } catch (AEADBadTagException e) {
      throw new ApplianceException(
          ApplianceError.BACKUP_DAMAGED, "piece " + number + " is not as it was sealed", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has AES-GCM
    }
    number++;
    at = 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
