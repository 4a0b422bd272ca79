package io.kindling.pxe.rack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Two private network namespaces joined by a cable: the server in one, a client in the other.
/// Needs root.
final class Rack implements AutoCloseable {
  static final String ADDRESS = "10.99.0.1";

  private final String serverSpace;
  private final String clientSpace;
  private final Path folder;
  private final List<Process> processes = new ArrayList<>();
  private int outputs;

  Rack(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    long pid = ProcessHandle.current().pid();
    serverSpace = "pxe-s-" + pid;
    clientSpace = "pxe-c-" + pid;
    host("ip", "netns", "add", serverSpace);
    host("ip", "netns", "add", clientSpace);
    host(
        "ip",
        "-n",
        serverSpace,
        "link",
        "add",
        "pv0",
        "type",
        "veth",
        "peer",
        "name",
        "pv1",
        "netns",
        clientSpace);
    host("ip", "-n", serverSpace, "addr", "add", ADDRESS + "/24", "dev", "pv0");
    for (String device : List.of("lo", "pv0")) {
      host("ip", "-n", serverSpace, "link", "set", device, "up");
    }
    host("ip", "-n", clientSpace, "link", "set", "lo", "up");
    host("ip", "-n", clientSpace, "link", "set", "pv1", "up");
  }

  /// Starts the server and waits until it answers; its output is in the file returned.
  Path serve(Path files, String answer) throws IOException {
    Path log =
        start(
            serverSpace,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Dorg.jboss.logging.provider=slf4j",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            RackServer.class.getName(),
            "pv0",
            ADDRESS,
            files.toString(),
            answer);
    await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> read(log).contains("ready"));
    return log;
  }

  /// Starts a program beside the client; its output is in the file returned.
  Path inClientSpace(String... command) throws IOException {
    return start(clientSpace, command);
  }

  /// Runs a program beside the client to its end and returns its output.
  String client(String... command) throws IOException, InterruptedException {
    List<String> full = new ArrayList<>(List.of("ip", "netns", "exec", clientSpace));
    full.addAll(List.of(command));
    Process process =
        new ProcessBuilder(full).redirectErrorStream(true).directory(folder.toFile()).start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as(output).isTrue();
    return output;
  }

  String clientMac() throws IOException, InterruptedException {
    return client("cat", "/sys/class/net/pv1/address").strip();
  }

  static String read(Path log) throws IOException {
    return Files.readString(log, StandardCharsets.ISO_8859_1);
  }

  private Path start(String space, String... command) throws IOException {
    Path log = folder.resolve("output-" + outputs++);
    List<String> full = new ArrayList<>(List.of("ip", "netns", "exec", space));
    full.addAll(List.of(command));
    processes.add(
        new ProcessBuilder(full)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .directory(folder.toFile())
            .start());
    return log;
  }

  private static void host(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + output).isZero();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (Process process : processes) {
      process.destroy();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    host("ip", "netns", "del", clientSpace);
    host("ip", "netns", "del", serverSpace);
  }
}
