package io.kindling.postinstall.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/// OpenSSH's own sshd (package openssh-server), run as root on a port of 127.0.0.1. Not
/// thread-safe.
public final class OpenSshServer implements AutoCloseable {

  private final Process process;
  private final int port;
  private final String hostKey;

  /// Starts it and returns once it answers.
  ///
  /// @param home made for its files
  /// @param authorizedKey who may log in as root, a line of authorized_keys
  public OpenSshServer(Path home, String authorizedKey) throws IOException, InterruptedException {
    Files.createDirectory(home);
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    var keygen =
        new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home + "/host");
    assertThat(keygen.inheritIO().start().waitFor()).isZero();
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
    process =
        new ProcessBuilder("/usr/sbin/sshd", "-D", "-f", home + "/config", "-E", home + "/log")
            .inheritIO()
            .start();
    await().atMost(Duration.ofSeconds(20)).until(this::answers);
  }

  private boolean answers() {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  /// Type and key, as known_hosts has them.
  public String hostKey() {
    return hostKey;
  }

  @Override
  public void close() throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }
}
