package io.kindling.postinstall.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.FileTaskLog;
import io.kindling.postinstall.MemoryOutcomeStore;
import io.kindling.postinstall.Sleeper;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.RunReport.Status;
import io.kindling.postinstall.ssh.ApplianceKey;
import io.kindling.postinstall.ssh.SshjConnector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two hundred SSH hosts, each saying 5 MB; one in twenty hangs, one in twenty drops its connection
/// in the middle of every command. Prints what it costs.
@Tag("full")
class ManyHostsTest {

  private static final int HOSTS = 200;
  private static final int LINES = 50_000;
  private static final String LINE = "x".repeat(99) + "\n"; // 100 bytes: 5 MB in all
  private static final int SMALL_TASKS = 10;

  @TempDir Path directory;
  private SshServer server;
  private String hostKey;

  @BeforeEach
  void serve() throws Exception {
    KeyPair pair = KeyUtils.generateKeyPair("ssh-ed25519", 256);
    hostKey = PublicKeyEntry.toString(pair.getPublic());
    server = SshServer.setUpDefaultServer();
    server.setHost("127.0.0.1");
    server.setKeyPairProvider(KeyPairProvider.wrap(List.of(pair)));
    server.setPublickeyAuthenticator((user, key, session) -> true);
    CoreModuleProperties.TCP_NODELAY.set(server, true);
    server.setCommandFactory((channel, command) -> new Talker(channel, command));
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop(true);
  }

  @Test
  void slowAndBrokenHostsDelayNobodyAndMemoryStaysSmall() throws Exception {
    var hosts = new ArrayList<Host>();
    for (int i = 0; i < HOSTS; i++) {
      String name = "host-" + i;
      hosts.add(
          new Host(new UUID(9, i), 1, name, "127.0.0.1", server.getPort(), name, List.of(hostKey)));
    }
    List<String> names = hosts.stream().map(Host::name).toList();
    var tasks = new ArrayList<GraphTask>();
    tasks.add(task("talk", names));
    String before = "talk";
    for (int i = 0; i < SMALL_TASKS; i++) {
      tasks.add(task("small-" + i, names, before));
      before = "small-" + i;
    }
    var engine =
        new Engine(
            new MemoryOutcomeStore(),
            new SshjConnector(
                ApplianceKey.loadOrCreate(directory, new SecureRandom()),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10)),
            new FileTaskLog(directory.resolve("log"), Clock.systemUTC()),
            Clock.systemUTC(),
            Sleeper.real(),
            new EngineSettings(
                64, Duration.ofSeconds(30), Duration.ofMillis(200), Duration.ofSeconds(2), 3));
    System.gc();
    long idle = used();
    var peak = new AtomicLong();
    Thread sampler = Thread.ofPlatform().daemon().start(() -> sample(peak));
    long begin = System.nanoTime();
    RunReport report =
        engine.run(
            new Graph("many", tasks, List.of()),
            hosts,
            Engine.Mode.APPLY,
            RunListener.SILENT,
            new Cancellation());
    long total = (System.nanoTime() - begin) / 1_000_000;
    sampler.interrupt();

    assertThat(report.good()).isTrue();
    assertThat(report.setAside().keySet()).hasSize(HOSTS / 10);
    for (int i = 0; i < HOSTS; i++) {
      Finding finding = report.setAside().get("host-" + i);
      assertThat(finding == null ? "" : finding.error())
          .as("host-" + i)
          .isEqualTo(i % 20 == 3 ? "ENG-005" : i % 20 == 7 ? "ENG-004" : "");
    }
    RunReport.TaskReport last = report.tasks().getLast();
    assertThat(last.hosts())
        .filteredOn(h -> h.status() == Status.UNCHANGED)
        .hasSize(HOSTS - HOSTS / 10);
    long small =
        report.tasks().stream()
            .filter(t -> t.task().startsWith("small"))
            .mapToLong(t -> t.took().toMillis())
            .sum();
    System.out.printf(
        "%d hosts, 5 MB each: %d ms for the task, %d ms in all; a small task on all of them %d ms,"
            + " %.1f ms for each host; %d MiB alive at the peak, over %d MiB idle (server"
            + " included)%n",
        HOSTS,
        report.tasks().getFirst().took().toMillis(),
        total,
        small / SMALL_TASKS,
        (double) small / SMALL_TASKS / (HOSTS - HOSTS / 10),
        (peak.get() - idle) >> 20,
        idle >> 20);
  }

  private static GraphTask task(String name, List<String> hosts, String... after) {
    return GraphTask.of(
            name,
            "",
            Scope.parallel(hosts),
            host ->
                List.of(
                    new Action(
                        name,
                        io.kindling.postinstall.engine.Command.of("true"),
                        List.of(io.kindling.postinstall.engine.Command.of("true")))),
            after)
        .mayFail(HOSTS / 5)
        .within(Duration.ofSeconds(120));
  }

  private static long used() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /// What is alive, not what is garbage by then.
  private static void sample(AtomicLong peak) {
    try {
      while (true) {
        Thread.sleep(1000);
        System.gc();
        peak.accumulateAndGet(used(), Math::max);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /// What a host does with a task's script.
  private static final class Talker implements Command {
    private final ChannelSession channel;
    private final String command;
    private final int host;
    private InputStream in;
    private OutputStream out;
    private ExitCallback exit;
    private volatile Thread thread;

    Talker(ChannelSession channel, String command) {
      this.channel = channel;
      this.command = command;
      this.host = Integer.parseInt(channel.getSession().getUsername().substring("host-".length()));
    }

    @Override
    public void start(ChannelSession session, Environment environment) {
      thread = Thread.startVirtualThread(this::talk);
    }

    private void talk() {
      try {
        in.readAllBytes();
        boolean stop = !command.contains("many.");
        out.write("KINDLING-RUN 1\n".getBytes(StandardCharsets.UTF_8));
        if (!stop && host % 20 == 3) {
          out.flush();
          new java.util.concurrent.CountDownLatch(1).await(); // hangs
        }
        if (command.contains("many.talk")) {
          var block = LINE.repeat(100).getBytes(StandardCharsets.UTF_8);
          boolean drops = host % 20 == 7;
          for (int i = told() / 100; i < LINES / (drops ? 200 : 100); i++) {
            out.write(block);
          }
          if (drops) {
            out.flush();
            channel.getSession().close(true); // each time: the other half never comes
            return;
          }
        }
        out.write("KINDLING-STATE 0 ok \n".getBytes(StandardCharsets.UTF_8));
        out.flush();
        exit.onExit(0);
      } catch (IOException | InterruptedException e) {
        exit.onExit(1);
      }
    }

    /// How many lines of the job the appliance has already: the last argument (follow.sh).
    private int told() {
      String last = command.substring(command.lastIndexOf(' ') + 1).replace("'", "");
      return Integer.parseInt(last);
    }

    @Override
    public void destroy(ChannelSession session) {
      Thread talking = thread;
      if (talking != null) {
        talking.interrupt();
      }
    }

    @Override
    public void setInputStream(InputStream stream) {
      in = stream;
    }

    @Override
    public void setOutputStream(OutputStream stream) {
      out = stream;
    }

    @Override
    public void setErrorStream(OutputStream stream) {}

    @Override
    public void setExitCallback(ExitCallback callback) {
      exit = callback;
    }
  }
}
