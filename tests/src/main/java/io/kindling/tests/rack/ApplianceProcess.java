package io.kindling.tests.rack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An appliance of its own process, inside the rack's namespace, on this program's class path. It
/// can be killed and started again on the same state.
///
/// Not thread-safe.
public final class ApplianceProcess implements AutoCloseable {

  /// How an appliance's JVM is started, here, by the launcher and on the ISO: the heap grows when a
  /// collection did not help, and is given back, as is what the compiler needed.
  public static final List<String> JVM =
      List.of(
          "-Djdk.nio.maxCachedBufferSize=65536",
          "-XX:+UseSerialGC",
          "-Xms32m",
          "-Xmn24m",
          "-Xmx192m",
          "-XX:MinHeapFreeRatio=15",
          "-XX:MaxHeapFreeRatio=30",
          "-XX:-ShrinkHeapInSteps",
          "-XX:+UseCompactObjectHeaders",
          "-XX:TrimNativeHeapInterval=20000");

  private static final int OPERATORS = 8080; // the default

  private final Path directory;
  private final Path cache;
  private final Network network;
  private final List<String> wrapper;
  private String dhcp = "server";
  private boolean tls;
  private @Nullable Process process;

  /// @param directory configuration, state and output
  /// @param cache the images' cache
  /// @param wrapper a command to run the appliance under (`strace …`), empty for none
  public ApplianceProcess(Path directory, Path cache, Network network, List<String> wrapper) {
    this.directory = directory;
    this.cache = cache;
    this.network = network;
    this.wrapper = List.copyOf(wrapper);
  }

  public Path state() {
    return directory.resolve("state");
  }

  public Path socket() {
    return state().resolve("kindling.sock");
  }

  /// The operators' listener, inside the rack's namespace.
  public InetSocketAddress operators() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), OPERATORS);
  }

  public Path output() {
    return directory.resolve("appliance.out");
  }

  /// How it answers DHCP from its next start: `server`, `proxy` or `off`.
  public void dhcp(String mode) {
    dhcp = mode;
  }

  /// Lets the operators' listener speak TLS by the appliance's own authority, from its next start.
  public void ownAuthority() {
    tls = true;
  }

  /// Where browsers inside the rack's namespace find the operators' listener.
  public String console() {
    return tls ? "https://localhost:" + OPERATORS : "http://127.0.0.1:" + OPERATORS;
  }

  /// Starts it and returns once it answers on its Unix socket.
  ///
  /// @return the time that took
  public Duration start(Duration limit) {
    long begin = System.nanoTime();
    try {
      Files.createDirectories(directory);
      Path config = directory.resolve("kindling.yaml");
      Files.writeString(config, configuration());
      var java = new ArrayList<>(wrapper);
      java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      java.addAll(
          List.of("--enable-native-access=ALL-UNNAMED", "-Dorg.jboss.logging.provider=slf4j"));
      java.addAll(JVM);
      String aot = System.getProperty("kindling.aot"); // the launcher's, for the same class path
      if (aot != null) {
        java.add("-XX:AOTCache=" + aot);
      }
      java.addAll(
          List.of(
              "-cp",
              System.getProperty("java.class.path"),
              "io.kindling.appliance.cli.Kindling",
              "serve",
              "--config",
              config.toString()));
      Files.deleteIfExists(socket());
      var builder =
          new ProcessBuilder(network.in(java.toArray(String[]::new)))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()));
      builder.environment().put("MALLOC_ARENA_MAX", "2"); // as the launcher does
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Waiting.until("the appliance's socket " + socket(), limit, this::answers, this::mustRun);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /// Ends it as an operator would (SIGTERM).
  public void stop() {
    end(false);
  }

  /// Ends it as a power cut would (SIGKILL).
  public void kill() {
    end(true);
  }

  public boolean isRunning() {
    Process running = process;
    return running != null && running.isAlive();
  }

  /// The operating system's number of the appliance's own process.
  public long pid() {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    return running.pid();
  }

  /// A client on its Unix socket.
  public ApplianceClient client() {
    return new ApplianceClient(socket());
  }

  @Override
  public void close() {
    stop();
  }

  private String configuration() {
    return """
    state: %s
    images:
      cache: %s
    provisioning:
      interface: %s
      address: %s
      pool: 10.20.0.100-10.20.0.199
      dhcp: %s
    %s
    """
        .formatted(
            state(),
            cache,
            Network.BRIDGE,
            network.address(),
            dhcp,
            tls ? "listen: { tls: own }" : "");
  }

  private boolean answers() {
    return Files.exists(socket()) && client().answers();
  }

  private void mustRun() {
    Process running = process;
    if (running != null && !running.isAlive()) {
      throw new RackException(
          RackError.APPLIANCE_DIED, "status " + running.exitValue() + ", " + output());
    }
  }

  private void end(boolean atOnce) {
    Process running = process;
    if (running == null) {
      return;
    }
    // Under a wrapper the appliance is its child; a wrapper such as strace ends with it.
    List<ProcessHandle> appliance =
        wrapper.isEmpty() ? List.of(running.toHandle()) : running.descendants().toList();
    appliance.forEach(atOnce ? ProcessHandle::destroyForcibly : ProcessHandle::destroy);
    try {
      running.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process = null;
  }
}
