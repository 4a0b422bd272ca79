package io.kindling.postinstall.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshConnector.Connection;
import io.kindling.postinstall.ssh.SshConnector.Reason;
import io.kindling.postinstall.ssh.SshConnector.Refused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a connection does, against any server that runs commands as this user.
abstract class SshContract {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String OTHER_KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM4AG7P84keE/p3GlHVaf6rOyGwTV85nZLMm6qdDXR/H";

  @TempDir Path directory;
  ApplianceKey key;
  SshConnector connector;

  @BeforeEach
  void start() throws Exception {
    key = ApplianceKey.loadOrCreate(directory.resolve("."), new SecureRandom());
    connector = new SshjConnector(key, Duration.ofSeconds(10), Duration.ofSeconds(1));
    serve(key.publicKey());
  }

  /// Starts a server that takes that key on 127.0.0.1.
  abstract void serve(String authorizedKey) throws Exception;

  abstract int port();

  /// `type base64` of the server's ed25519 key.
  abstract String hostKey();

  @Test
  void aScriptGetsItsArgumentsAndItsOutputComesLineByLine() throws Exception {
    try (SshSession session = connect()) {
      var lines = new ArrayList<String>();
      var status =
          session.run(
              Script.of(
                  "for a; do echo \"<$a>\"; done\necho err >&2\nexit 7\n", "it's", "$(x) `y`", ""),
              lines::add,
              LIMIT);
      assertThat(status).isEqualTo(new ExitStatus.Exited(7));
      assertThat(lines).containsExactlyInAnyOrder("<it's>", "<$(x) `y`>", "<>", "err");
    }
  }

  @Test
  void aLargeOutputArrivesWholeAndInOrder() throws Exception {
    try (SshSession session = connect()) {
      var lines = Collections.synchronizedList(new ArrayList<String>());
      var status = session.run(Script.of("seq 1 200000\n"), lines::add, LIMIT);
      assertThat(status.success()).isTrue();
      assertThat(lines).isEqualTo(IntStream.rangeClosed(1, 200000).mapToObj(i -> "" + i).toList());
    }
  }

  @Test
  void aLongLineIsCutAtTheLimitAndABadByteIsReplaced() throws Exception {
    try (SshSession session = connect()) {
      var lines = new ArrayList<String>();
      session.run(
          Script.of(
              "head -c 8192 /dev/zero | tr '\\0' x; echo; head -c 8193 /dev/zero | tr '\\0' x;"
                  + " echo; printf 'a\\377b'\n"),
          lines::add,
          LIMIT);
      assertThat(lines).containsExactly("x".repeat(8192), "x".repeat(8192), "a\ufffdb");
    }
  }

  @Test
  void oneConnectionRunsManyScriptsAlsoAtOnce() throws Exception {
    try (SshSession session = connect()) {
      var results = Collections.synchronizedList(new ArrayList<String>());
      var threads =
          IntStream.range(0, 8)
              .mapToObj(i ->
                  Thread.startVirtualThread(() -> {
                    try {
                      session.run(Script.of("echo $1\n", "" + i), results::add, LIMIT);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }))
              .toList();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(results.stream().sorted().collect(Collectors.joining())).isEqualTo("01234567");
    }
  }

  @Test
  void aFileArrivesByteByByteWithItsMode() throws Exception {
    byte[] content = new byte[3_000_000];
    new java.util.Random(1).nextBytes(content);
    Path to = directory.resolve("new folder/it's a file");
    try (SshSession session = connect()) {
      assertThat(session.put(content, to.toString(), "0640", LIMIT))
          .isEqualTo(new ExitStatus.Exited(0));
    }
    assertThat(Files.readAllBytes(to)).isEqualTo(content);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(to)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void aMachineWithAnotherKeyIsRefusedAndItsKeyNamed() throws Exception {
    Connection refused = connector.connect("127.0.0.1", port(), user(), List.of(OTHER_KEY));
    assertThat(refused).isInstanceOf(Refused.class);
    assertThat(((Refused) refused).reason()).isEqualTo(Reason.WRONG_HOST_KEY);
    assertThat(((Refused) refused).detail()).contains("the machine's key is");
  }

  @Test
  void aMachineIsRefusedWhereNoKeyIsKnown() throws Exception {
    Connection refused = connector.connect("127.0.0.1", port(), user(), List.of());
    assertThat(((Refused) refused).reason()).isEqualTo(Reason.WRONG_HOST_KEY);
  }

  @Test
  void aMachineThatDoesNotTakeOurKeyIsTold() throws Exception {
    var stranger =
        new SshjConnector(
            ApplianceKey.loadOrCreate(
                Files.createDirectory(directory.resolve("stranger")), new SecureRandom()));
    Connection refused = stranger.connect("127.0.0.1", port(), user(), List.of(hostKey()));
    assertThat(((Refused) refused).reason()).isEqualTo(Reason.AUTHENTICATION);
  }

  @Test
  void nobodyThereIsUnreachable() throws Exception {
    int free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    Connection refused = connector.connect("127.0.0.1", free, user(), List.of(hostKey()));
    assertThat(((Refused) refused).reason()).isEqualTo(Reason.UNREACHABLE);
  }

  @Test
  void somethingThatSpeaksNoSshIsUnreachableAfterTheLimit() throws Exception {
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var impatient = new SshjConnector(key, Duration.ofMillis(200), Duration.ofSeconds(1));
      Connection refused =
          impatient.connect("127.0.0.1", silent.getLocalPort(), user(), List.of(hostKey()));
      assertThat(((Refused) refused).reason()).isEqualTo(Reason.UNREACHABLE);
    }
  }

  @Test
  void aScriptPastItsLimitIsTimedOut() throws Exception {
    try (SshSession session = connect()) {
      var status = session.run(Script.of("exec sleep 60\n"), l -> {}, Duration.ofMillis(200));
      assertThat(status).isEqualTo(new ExitStatus.TimedOut(Duration.ofMillis(200)));
      assertThat(session.run(Script.of("true\n"), l -> {}, LIMIT).success()).isTrue();
    }
  }

  @Test
  void closingTheConnectionEndsARunningScriptAsLost() throws Exception {
    SshSession session = connect();
    var started = new CountDownLatch(1);
    Thread.startVirtualThread(() -> {
      try {
        started.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      session.close();
    });
    var status =
        session.run(Script.of("echo up; exec sleep 60\n"), l -> started.countDown(), LIMIT);
    assertThat(status).isInstanceOf(ExitStatus.Lost.class);
    assertThat(session.alive()).isFalse();
  }

  @Test
  void aScriptKilledByASignalIsNoSuccess() throws Exception {
    try (SshSession session = connect()) {
      var status = session.run(Script.of("kill -KILL $$\n"), l -> {}, LIMIT);
      assertThat(status.success()).isFalse();
    }
  }

  SshSession connect() throws InterruptedException {
    Connection made = connector.connect("127.0.0.1", port(), user(), List.of(OTHER_KEY, hostKey()));
    assertThat(made).as("%s", made).isInstanceOf(Connected.class);
    return ((Connected) made).session();
  }

  static String user() {
    return System.getProperty("user.name");
  }

  static String read(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
