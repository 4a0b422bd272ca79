package io.kindling.postinstall.ssh;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.util.OpenSSHPrivateKeyUtil;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/// The appliance's SSH key pair (ed25519), in the file format of OpenSSH so that an operator's `ssh
/// -i` can use it too. Immutable.
public final class ApplianceKey {

  /// The private key's file in the state directory; the public line stands beside it in `.pub`.
  public static final String FILE = "id_ed25519";

  private static final String PEM_TYPE = "OPENSSH PRIVATE KEY";
  private static final String COMMENT = "kindling";

  private final String privateKey;
  private final String publicKey;
  private final Path file;

  private ApplianceKey(String privateKey, String publicKey, Path file) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
    this.file = file;
  }

  /// The key of that directory; made at the first call, on stable storage when this returns.
  ///
  /// @throws IOException when the file cannot be read or written, or holds no ed25519 key
  public static ApplianceKey loadOrCreate(Path directory, SecureRandom random) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      var made = new Ed25519PrivateKeyParameters(random);
      var text = new StringWriter();
      try (var pem = new PemWriter(text)) {
        pem.writeObject(new PemObject(PEM_TYPE, OpenSSHPrivateKeyUtil.encodePrivateKey(made)));
      }
      write(file, text.toString(), "rw-------");
    }
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    String line = publicLine(file, text);
    Path publicFile = directory.resolve(FILE + ".pub");
    if (!Files.exists(publicFile)) {
      write(publicFile, line + "\n", "rw-r--r--");
    }
    return new ApplianceKey(text, line, file);
  }

  /// A key that somebody hands over; it is written nowhere.
  ///
  /// @throws IOException where that is no OpenSSH private key of the type ed25519
  public static ApplianceKey of(String text) throws IOException {
    Path nowhere = Path.of("the key");
    return new ApplianceKey(text, publicLine(nowhere, text), nowhere);
  }

  /// The OpenSSH line: `ssh-ed25519 AAAA… kindling`.
  public String publicKey() {
    return publicKey;
  }

  /// Where the private key lies (mode 0600).
  public Path file() {
    return file;
  }

  String privateKey() {
    return privateKey;
  }

  private static String publicLine(Path file, String text) throws IOException {
    AsymmetricKeyParameter key;
    try (var pem = new PemReader(new StringReader(text))) {
      PemObject object = pem.readPemObject();
      if (object == null || !object.getType().equals(PEM_TYPE)) {
        throw new IOException(file + " is not an OpenSSH private key");
      }
      key = OpenSSHPrivateKeyUtil.parsePrivateKeyBlob(object.getContent());
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IOException(file + " is not a readable OpenSSH private key: " + e.getMessage(), e);
    }
    if (!(key instanceof Ed25519PrivateKeyParameters ed25519)) {
      throw new IOException(file + " is not an ed25519 key");
    }
    byte[] blob = OpenSSHPublicKeyUtil.encodePublicKey(ed25519.generatePublicKey());
    return "ssh-ed25519 " + Base64.getEncoder().encodeToString(blob) + " " + COMMENT;
  }

  private static void write(Path file, String text, String mode) throws IOException {
    var permissions = PosixFilePermissions.fromString(mode);
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(permissions))) {
      channel.write(StandardCharsets.US_ASCII.encode(text));
      channel.force(true);
    }
    Files.setPosixFilePermissions(temporary, permissions);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
