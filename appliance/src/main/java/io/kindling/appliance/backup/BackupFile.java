package io.kindling.appliance.backup;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.secret.Argon2id;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.core.JacksonException;

/// The file of a backup: a head in clear, then the content, compressed and sealed with a random
/// key. The head is authenticated with that key's own seal, whose key comes of the passphrase by
/// Argon2id.
///
/// | bytes | |
/// |---|---|
/// | 16 | `KINDLING BACKUP` and a newline |
/// | 4 | the format's number |
/// | 4, then as many | the head: JSON, filled up with blanks |
/// | 32 | SHA-256 of all before |
/// | 12 + 48 | the nonce and the content's key, sealed; all before is authenticated with it |
/// | the rest | the content, as [SealedOutput] writes it |
///
/// All but the last two stays so in every format, so that an old version knows a newer file from a
/// damaged one.
public final class BackupFile {
  static final int FORMAT = 1;

  /// The shortest passphrase, in characters; the longest.
  static final int SHORTEST = 12;

  static final int LONGEST = 1024;

  private static final byte[] MAGIC = "KINDLING BACKUP\n".getBytes(StandardCharsets.US_ASCII);
  private static final int HEAD = 512;
  private static final int KEY = 32;
  private static final int NONCE = 12;
  private static final int SEALED_KEY = KEY + SealedOutput.TAG;
  private static final int BEFORE_KEY = MAGIC.length + 2 * Integer.BYTES + HEAD + 32;

  /// RFC 9106 §4, the choice for little memory: 64 MiB, three passes.
  private static final int MEMORY_KIB = 64 << 10;

  private static final int PASSES = 3;

  /// A file may not ask for more than this machine has.
  private static final int MOST_MEMORY_KIB = 1 << 20;

  private static final int MOST_PASSES = 64;

  private BackupFile() {}

  /// What stands in clear.
  ///
  /// @param appliance the version that made it
  /// @param schema of its database
  /// @param made when, ISO 8601
  /// @param bytes of the sealed content
  /// @param sha256 of the sealed content
  /// @param memoryKib Argon2id's memory
  /// @param passes Argon2id's passes
  /// @param salt Argon2id's, in hexadecimal
  public record Head(
      String appliance,
      int schema,
      String made,
      long bytes,
      String sha256,
      int memoryKib,
      int passes,
      String salt) {}

  /// Writes the content.
  @FunctionalInterface
  interface Content {
    void to(OutputStream out) throws IOException;
  }

  /// A named failure where it is too short or too long.
  static void requirePassphrase(String passphrase) {
    int length = passphrase.codePointCount(0, passphrase.length());
    if (length < SHORTEST || length > LONGEST) {
      throw new ApplianceException(ApplianceError.PASSPHRASE, "it has " + length + " characters");
    }
  }

  /// Writes a new file (mode 0600), on stable storage when it returns.
  static void write(
      Path file,
      String passphrase,
      String appliance,
      int schema,
      String made,
      SecureRandom random,
      Content content)
      throws IOException {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
      byte[] key = random(random, KEY);
      channel.position(BEFORE_KEY + NONCE + SEALED_KEY);
      MessageDigest digest = sha256();
      var out =
          new DigestOutputStream(
              new BufferedOutputStream(Channels.newOutputStream(channel)), digest);
      try (var compressed = new GZIPOutputStream(new SealedOutput(out, key))) {
        content.to(compressed);
      }
      byte[] salt = random(random, 16);
      var head =
          new Head(
              appliance,
              schema,
              made,
              channel.position() - BEFORE_KEY - NONCE - SEALED_KEY,
              HexFormat.of().formatHex(digest.digest()),
              MEMORY_KIB,
              PASSES,
              HexFormat.of().formatHex(salt));
      byte[] before = before(head);
      byte[] nonce = random(random, NONCE);
      byte[] outer = Argon2id.of(passphrase, salt, MEMORY_KIB, PASSES, KEY);
      channel.position(0);
      ByteBuffer all = ByteBuffer.allocate(BEFORE_KEY + NONCE + SEALED_KEY);
      all.put(before).put(nonce).put(keySeal(Cipher.ENCRYPT_MODE, outer, nonce, before, key));
      all.flip();
      while (all.hasRemaining()) {
        channel.write(all);
      }
      channel.force(true);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has AES-GCM
    }
  }

  private static byte[] before(Head head) {
    byte[] json = Json.bytes(head);
    if (json.length > HEAD) {
      throw new IllegalStateException("a head of " + json.length + " bytes");
    }
    byte[] padded = Arrays.copyOf(json, HEAD);
    Arrays.fill(padded, json.length, HEAD, (byte) ' ');
    ByteBuffer before = ByteBuffer.allocate(BEFORE_KEY);
    before.put(MAGIC).putInt(FORMAT).putInt(HEAD).put(padded);
    byte[] sum = sha256().digest(Arrays.copyOf(before.array(), before.position()));
    return before.put(sum).array();
  }

  /// Whether the file is a whole backup that this version can read, as far as that shows without
  /// the passphrase.
  ///
  /// @param schema the newest that is known
  /// @throws ApplianceException what is wrong with it
  public static Head check(Path file, int schema) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      Head head = head(in.readNBytes(BEFORE_KEY), schema);
      long size = Files.size(file);
      long whole = head.bytes() + BEFORE_KEY + NONCE + SEALED_KEY;
      if (size != whole) {
        throw damaged("it has %,d bytes of %,d".formatted(size, whole));
      }
      in.skipNBytes(NONCE + SEALED_KEY);
      var digest = new DigestInputStream(in, sha256());
      digest.transferTo(OutputStream.nullOutputStream());
      if (!HexFormat.of().formatHex(digest.getMessageDigest().digest()).equals(head.sha256())) {
        throw damaged("its content has another checksum");
      }
      return head;
    }
  }

  private static Head head(byte[] before, int schema) throws IOException {
    if (before.length < MAGIC.length
        || !Arrays.equals(MAGIC, Arrays.copyOf(before, MAGIC.length))) {
      throw new ApplianceException(ApplianceError.NOT_A_BACKUP, "it begins otherwise");
    }
    if (before.length < BEFORE_KEY) {
      throw damaged("it ends in its head");
    }
    ByteBuffer read = ByteBuffer.wrap(before).position(MAGIC.length);
    int format = read.getInt();
    byte[] sum = sha256().digest(Arrays.copyOf(before, BEFORE_KEY - 32));
    boolean good =
        read.getInt() == HEAD
            && MessageDigest.isEqual(sum, Arrays.copyOfRange(before, BEFORE_KEY - 32, BEFORE_KEY));
    if (!good) {
      throw damaged("its head has another checksum");
    }
    if (format != FORMAT) {
      throw new ApplianceException(
          ApplianceError.BACKUP_NEWER, "its format is %d, known is %d".formatted(format, FORMAT));
    }
    try {
      Head head =
          Json.read(Arrays.copyOfRange(before, read.position(), BEFORE_KEY - 32), Head.class);
      if (head.schema() > schema) {
        throw new ApplianceException(
            ApplianceError.BACKUP_NEWER,
            "appliance %s, schema %d; known is %d"
                .formatted(head.appliance(), head.schema(), schema));
      }
      if (head.memoryKib() > MOST_MEMORY_KIB || head.passes() > MOST_PASSES) {
        throw damaged("its head asks for too much memory or time");
      }
      return head;
    } catch (JacksonException e) {
      throw damaged("its head is not understood");
    }
  }

  /// The key of the content of a file that [#check(Path, int)] found good.
  ///
  /// @throws ApplianceException where the passphrase is another
  static byte[] key(Path file, Head head, String passphrase) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] before = in.readNBytes(BEFORE_KEY);
      byte[] nonce = in.readNBytes(NONCE);
      byte[] sealed = in.readNBytes(SEALED_KEY);
      byte[] salt = HexFormat.of().parseHex(head.salt());
      byte[] outer = Argon2id.of(passphrase, salt, head.memoryKib(), head.passes(), KEY);
      return keySeal(Cipher.DECRYPT_MODE, outer, nonce, before, sealed);
    } catch (AEADBadTagException e) {
      throw new ApplianceException(
          ApplianceError.WRONG_PASSPHRASE, "or its head was changed on purpose", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has AES-GCM
    }
  }

  /// The content; a piece that is not as it was sealed is an [ApplianceException] while it is read.
  static InputStream open(Path file, Head head, byte[] key) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file));
    boolean opened = false;
    try {
      in.skipNBytes(BEFORE_KEY + NONCE + SEALED_KEY);
      var content = new GZIPInputStream(new SealedInput(in, key, head.bytes()));
      opened = true;
      return content;
    } finally {
      if (!opened) {
        in.close();
      }
    }
  }

  private static byte[] keySeal(int mode, byte[] key, byte[] nonce, byte[] before, byte[] text)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * SealedOutput.TAG, nonce));
    cipher.updateAAD(before);
    return cipher.doFinal(text);
  }

  private static byte[] random(SecureRandom random, int bytes) {
    byte[] made = new byte[bytes];
    random.nextBytes(made);
    return made;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has SHA-256
    }
  }

  static ApplianceException damaged(String detail) {
    return new ApplianceException(ApplianceError.BACKUP_DAMAGED, detail);
  }
}
