package io.kindling.postinstall.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Against OpenSSH's own sshd.
@Tag("rack")
class OpenSshTest extends SshContract {

  private OpenSshServer server;

  @Override
  void serve(String authorizedKey) throws Exception {
    server = new OpenSshServer(directory.resolve("sshd"), authorizedKey);
  }

  @Test
  void opensshReadsOurKeyFile() throws Exception {
    var process = new ProcessBuilder("ssh-keygen", "-y", "-f", key.file().toString()).start();
    assertThat(read(process).strip().split(" ")[1]).isEqualTo(key.publicKey().split(" ")[1]);
  }

  @Override
  int port() {
    return server.port();
  }

  @Override
  String hostKey() {
    return server.hostKey();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }
}
