package io.kindling.postinstall.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kindling.postinstall.internal.Resources;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LetInTest {
  @TempDir Path dir;

  private static String run(String input, String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var in = process.outputWriter()) {
      in.write(input);
    }
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  @Test
  void theAppliancesKeyStaysAndNoKeyIsLeftFromARescueBefore() throws Exception {
    Path authorized = Files.createDirectories(dir.resolve("ssh")).resolve("authorized_keys");
    Path own = Files.writeString(dir.resolve("appliance.pub"), "ssh-ed25519 OWN\n");
    String script =
        Resources.text(Bootstraps.class, "let-in.sh")
            .replace("/root/.ssh", authorized.getParent().toString())
            .replace("/etc/kindling/appliance.pub", own.toString());
    run("KEYS='ssh-ed25519 FORMER'\n" + script, "sh", "-s");
    run("KEYS='ssh-ed25519 ANN\nssh-rsa BOB'\n" + script, "sh", "-s");
    assertThat(authorized).hasContent("ssh-ed25519 OWN\nssh-ed25519 ANN\nssh-rsa BOB\n");
    assertThat(Files.getPosixFilePermissions(authorized)).hasSize(2);
  }

  @Test
  void shellcheckFindsNothing() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/shellcheck")), "shellcheck is not installed");
    assertThat(
            run(
                "KEYS=''\n" + Resources.text(Bootstraps.class, "let-in.sh"),
                "shellcheck",
                "-s",
                "sh",
                "-"))
        .isEmpty();
  }
}
