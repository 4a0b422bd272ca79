package io.kindling.postinstall.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Against OpenSSH's own sshd (package openssh-server), run as root on a port of 127.0.0.1.
@Tag("rack")
class OpenSshTest extends SshContract {

  private Process server;
  private int port;
  private String hostKey;

  @Override
  void serve(String authorizedKey) throws Exception {
    Path home = Files.createDirectory(directory.resolve("sshd"));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home + "/host");
    String[] words = Files.readString(home.resolve("host.pub")).split(" ");
    hostKey = words[0] + " " + words[1];
    Files.writeString(home.resolve("authorized"), authorizedKey + "\n");
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Files.writeString(
        home.resolve("config"),
        """
        ListenAddress 127.0.0.1
        Port %d
        HostKey %s/host
        AuthorizedKeysFile %s/authorized
        PidFile none
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        PermitRootLogin prohibit-password
        MaxSessions 50
        """
            .formatted(port, home, home));
    Files.createDirectories(Path.of("/run/sshd"));
    server =
        new ProcessBuilder("/usr/sbin/sshd", "-D", "-f", home + "/config", "-E", home + "/log")
            .inheritIO()
            .start();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
          } catch (java.io.IOException e) {
            return false;
          }
        });
  }

  @Test
  void opensshReadsOurKeyFile() throws Exception {
    var process = new ProcessBuilder("ssh-keygen", "-y", "-f", key.file().toString()).start();
    assertThat(read(process).strip().split(" ")[1]).isEqualTo(key.publicKey().split(" ")[1]);
  }

  @Override
  int port() {
    return port;
  }

  @Override
  String hostKey() {
    return hostKey;
  }

  @AfterEach
  void stop() throws Exception {
    server.descendants().forEach(ProcessHandle::destroyForcibly);
    server.destroyForcibly().waitFor();
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
