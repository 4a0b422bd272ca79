package io.kindling.postinstall.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplianceKeyTest {

  @TempDir Path directory;

  @Test
  void theKeyIsMadeOnceAndReadAfterwards() throws Exception {
    ApplianceKey made = ApplianceKey.loadOrCreate(directory, new SecureRandom());
    ApplianceKey read = ApplianceKey.loadOrCreate(directory, new SecureRandom());
    assertThat(read.publicKey()).isEqualTo(made.publicKey());
    assertThat(made.publicKey()).matches("ssh-ed25519 [A-Za-z0-9+/]{68} kindling");
    assertThat(directory.resolve("id_ed25519.pub")).hasContent(made.publicKey());
  }

  @Test
  void onlyTheOwnerMayReadThePrivateKey() throws Exception {
    ApplianceKey key = ApplianceKey.loadOrCreate(directory, new SecureRandom());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key.file())))
        .isEqualTo("rw-------");
  }

  @Test
  void aDamagedFileIsAnErrorAndIsNeverReplaced() throws Exception {
    Path file = directory.resolve(ApplianceKey.FILE);
    Files.writeString(
        file, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n");
    assertThatThrownBy(() -> ApplianceKey.loadOrCreate(directory, new SecureRandom()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
    assertThat(Files.readString(file)).contains("AAAA");
    Files.writeString(file, "nothing");
    assertThatThrownBy(() -> ApplianceKey.loadOrCreate(directory, new SecureRandom()))
        .isInstanceOf(IOException.class);
  }
}
