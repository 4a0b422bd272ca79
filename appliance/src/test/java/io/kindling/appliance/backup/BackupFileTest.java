package io.kindling.appliance.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The file's form: what was written comes back, and nothing else does.
class BackupFileTest {
  private static final String PASSPHRASE = "seven words that nobody else would guess";
  private static final int SCHEMA = 2;
  private static final int BEFORE_KEY = 16 + 4 + 4 + 512 + 32;

  @TempDir Path dir;
  private Path file;
  private byte[] content;

  @BeforeEach
  void write() throws IOException {
    file = dir.resolve("a.backup");
    content = new byte[200_000]; // more than three pieces; random bytes are not compressed
    new Random(3).nextBytes(content);
    write(file, content);
  }

  private static void write(Path file, byte[] content) throws IOException {
    BackupFile.write(
        file,
        PASSPHRASE,
        "1.0",
        SCHEMA,
        "2026-11-26T12:00:00Z",
        new SecureRandom(),
        out -> out.write(content));
  }

  private byte[] read(Path from, String passphrase) throws IOException {
    BackupFile.Head head = BackupFile.check(from, SCHEMA);
    try (var in = BackupFile.open(from, head, BackupFile.key(from, head, passphrase))) {
      return in.readAllBytes();
    }
  }

  private ApplianceError refusal(byte[] bytes) throws IOException {
    Path changed = dir.resolve("changed");
    Files.write(changed, bytes);
    ApplianceException e =
        catchThrowableOfType(ApplianceException.class, () -> read(changed, PASSPHRASE));
    assertThat(e).as("nothing was noticed").isNotNull();
    return e.error();
  }

  @Test
  void whatWasWrittenComesBackByItsPassphraseAndIsForItsOwnerAlone() throws IOException {
    assertThat(read(file, PASSPHRASE)).isEqualTo(content);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    BackupFile.Head head = BackupFile.check(file, SCHEMA);
    assertThat(head.made()).isEqualTo("2026-11-26T12:00:00Z");
    assertThat(head.bytes() + BEFORE_KEY + 60).isEqualTo(Files.size(file));
    for (int size : new int[] {0, 1, 70_000}) {
      Path other = dir.resolve("of" + size);
      write(other, Arrays.copyOf(content, size));
      assertThat(read(other, PASSPHRASE)).hasSize(size);
    }
  }

  @Test
  void thePassphraseMayBeTypedInAnyWayThatUnicodeKnows() throws IOException {
    Path other = dir.resolve("umlaut");
    BackupFile.write(
        other, "zw\u00f6lf Zeichen", "1", 1, "now", new SecureRandom(), out -> out.write(7));
    assertThat(read(other, "zwo\u0308lf Zeichen")).containsExactly(7);
  }

  @Test
  void anotherPassphraseIsNamed() {
    ApplianceException e =
        catchThrowableOfType(ApplianceException.class, () -> read(file, PASSPHRASE + " "));
    assertThat(e.error()).isEqualTo(ApplianceError.WRONG_PASSPHRASE);
    for (String weak : new String[] {"", "elevenchars", "x".repeat(1025)}) {
      ApplianceException refused =
          catchThrowableOfType(ApplianceException.class, () -> BackupFile.requirePassphrase(weak));
      assertThat(refused.error()).isEqualTo(ApplianceError.PASSPHRASE);
      assertThat(refused.detail()).doesNotContain(weak.isEmpty() ? "\0" : weak);
    }
    BackupFile.requirePassphrase("twelve chars");
    BackupFile.requirePassphrase("x".repeat(1024));
  }

  @Test
  void aFileThatEndsEarlyIsDamagedWhereverItEnds() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += length < 700 ? 23 : 9973) {
      assertThat(refusal(Arrays.copyOf(whole, length)))
          .as(length + " bytes")
          .isEqualTo(length < 16 ? ApplianceError.NOT_A_BACKUP : ApplianceError.BACKUP_DAMAGED);
    }
    assertThat(refusal(Arrays.copyOf(whole, whole.length + 1)))
        .isEqualTo(ApplianceError.BACKUP_DAMAGED);
    assertThat(refusal("PK\3\4 something else altogether".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(ApplianceError.NOT_A_BACKUP);
  }

  @Test
  void aBitThatFlippedIsNoticedWhereverItIs() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int at = 16; at < whole.length; at += at < 560 ? 19 : 20_011) {
      if (at >= BEFORE_KEY && at < BEFORE_KEY + 60) {
        continue; // below
      }
      byte[] flipped = whole.clone();
      flipped[at] ^= 4;
      assertThat(refusal(flipped)).as("byte " + at).isEqualTo(ApplianceError.BACKUP_DAMAGED);
    }
    byte[] sealedKey = whole.clone();
    sealedKey[BEFORE_KEY + 20] ^= 1;
    assertThat(refusal(sealedKey)).isEqualTo(ApplianceError.WRONG_PASSPHRASE);
  }

  @Test
  void whoChangesTheFileAndMakesItsChecksumsAnewIsFoundOutByTheKeysSeal() throws Exception {
    byte[] whole = Files.readAllBytes(file);
    int content = BEFORE_KEY + 60;
    whole[content + 100] ^= 1;
    String text = new String(whole, 24, 512, StandardCharsets.US_ASCII);
    String sum = sha256(Arrays.copyOfRange(whole, content, whole.length));
    byte[] head = text.replaceFirst("[0-9a-f]{64}", sum).getBytes(StandardCharsets.US_ASCII);
    assertThat(refusal(headed(whole, 1, head))).isEqualTo(ApplianceError.WRONG_PASSPHRASE);
  }

  @Test
  void aNewerFormatOrSchemaIsToldFromDamage() throws Exception {
    byte[] whole = Files.readAllBytes(file);
    byte[] head = Arrays.copyOfRange(whole, 24, 24 + 512);
    assertThat(refusal(headed(whole, 2, head))).isEqualTo(ApplianceError.BACKUP_NEWER);
    ApplianceException e =
        catchThrowableOfType(ApplianceException.class, () -> BackupFile.check(file, SCHEMA - 1));
    assertThat(e.error()).isEqualTo(ApplianceError.BACKUP_NEWER);
    assertThat(e.detail()).isEqualTo("appliance 1.0, schema 2; known is 1");
  }

  @Test
  void piecesCannotChangePlacesNorBeMissingAtTheEnd() throws Exception {
    byte[] key = new byte[32];
    var out = new java.io.ByteArrayOutputStream();
    try (var sealed = new SealedOutput(out, key)) {
      sealed.write(content);
    }
    byte[] pieces = out.toByteArray();
    assertThat(opened(pieces, key)).isEqualTo(content);
    int one = (64 << 10) + 16;
    byte[] swapped = pieces.clone();
    System.arraycopy(pieces, 0, swapped, one, one);
    System.arraycopy(pieces, one, swapped, 0, one);
    for (byte[] bad : new byte[][] {swapped, Arrays.copyOf(pieces, 2 * one)}) {
      ApplianceException e = catchThrowableOfType(ApplianceException.class, () -> opened(bad, key));
      assertThat(e.error()).isEqualTo(ApplianceError.BACKUP_DAMAGED);
    }
  }

  private static byte[] opened(byte[] sealed, byte[] key) throws IOException {
    return new SealedInput(new java.io.ByteArrayInputStream(sealed), key, sealed.length)
        .readAllBytes();
  }

  /// The file with another head, and the checksum that goes with it.
  private static byte[] headed(byte[] whole, int format, byte[] head) throws Exception {
    ByteBuffer changed = ByteBuffer.wrap(whole.clone());
    changed.putInt(16, format).put(24, head);
    byte[] before = Arrays.copyOf(changed.array(), BEFORE_KEY - 32);
    changed.put(BEFORE_KEY - 32, MessageDigest.getInstance("SHA-256").digest(before));
    return changed.array();
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
