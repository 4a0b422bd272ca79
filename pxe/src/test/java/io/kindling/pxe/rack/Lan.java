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
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Private network namespaces, cables between them, and programs in them. Needs root.
public final class Lan implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /// Of programs that live for seconds only.
  private static final List<String> QUICK_START = List.of("-XX:TieredStopAtLevel=1");

  private final Path folder;
  private final List<String> spaces = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();
  private int outputs;

  public Lan(Path folder) {
    this.folder = folder;
  }

  /// A namespace of its own.
  public String space(String name) throws IOException, InterruptedException {
    String space = "pxe-" + name + "-" + ProcessHandle.current().pid();
    host("ip", "netns", "add", space);
    spaces.add(space);
    host("ip", "-n", space, "link", "set", "lo", "up");
    return space;
  }

  /// A cable with an end in each.
  public void cable(String space, String device, String otherSpace, String otherDevice)
      throws IOException, InterruptedException {
    host(
        ("ip -n " + space + " link add " + device + " type veth peer name " + otherDevice)
            .concat(" netns " + otherSpace)
            .split(" "));
    host("ip", "-n", space, "link", "set", device, "up");
    host("ip", "-n", otherSpace, "link", "set", otherDevice, "up");
  }

  public void address(String space, String device, String address)
      throws IOException, InterruptedException {
    host("ip", "-n", space, "addr", "add", address, "dev", device);
  }

  /// A switch in a namespace of its own, one port for each device named `SPACE/DEVICE`.
  public void wire(String name, String... devices) throws IOException, InterruptedException {
    String space = space(name);
    host("ip", "-n", space, "link", "add", "sw", "type", "bridge");
    host("ip", "-n", space, "link", "set", "sw", "up");
    for (int i = 0; i < devices.length; i++) {
      String[] at = devices[i].split("/");
      cable(space, "port" + i, at[0], at[1]);
      host("ip", "-n", space, "link", "set", "port" + i, "master", "sw");
    }
  }

  /// Starts a program; its output is in the file returned.
  public Path start(String space, String... command) throws IOException {
    return start(space, Optional.empty(), command);
  }

  private Path start(String space, Optional<Path> input, String... command) throws IOException {
    Path log = folder.resolve("output-" + outputs++);
    List<String> full = new ArrayList<>(List.of("ip", "netns", "exec", space));
    full.addAll(List.of(command));
    ProcessBuilder builder =
        new ProcessBuilder(full)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .directory(folder.toFile());
    input.ifPresent(file -> builder.redirectInput(file.toFile()));
    processes.add(builder.start());
    return log;
  }

  /// Starts a class of the tests in a process of its own.
  public Path startJava(String space, Class<?> main, String... arguments) throws IOException {
    return startJava(space, QUICK_START, main, Optional.empty(), arguments);
  }

  /// Starts a class of the tests with a file as its standard input.
  public Path startJava(String space, Class<?> main, Path input, String... arguments)
      throws IOException {
    return startJava(space, QUICK_START, main, Optional.of(input), arguments);
  }

  /// Starts a class of the tests with options of the JVM.
  public Path startJava(String space, List<String> options, Class<?> main, String... arguments)
      throws IOException {
    return startJava(space, options, main, Optional.empty(), arguments);
  }

  private Path startJava(
      String space, List<String> options, Class<?> main, Optional<Path> input, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.jboss.logging.provider=slf4j",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
    command.addAll(1, options);
    command.addAll(List.of(arguments));
    return start(space, input, command.toArray(String[]::new));
  }

  /// Ends the program that was started last.
  public void endLast() throws InterruptedException {
    end(processes.removeLast());
  }

  /// Runs a program to its end and returns its output.
  public String run(String space, String... command) throws IOException, InterruptedException {
    List<String> full = new ArrayList<>(List.of("ip", "netns", "exec", space));
    full.addAll(List.of(command));
    Process process =
        new ProcessBuilder(full).redirectErrorStream(true).directory(folder.toFile()).start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as(output).isTrue();
    return output;
  }

  public String mac(String space, String device) throws IOException, InterruptedException {
    return run(space, "cat", "/sys/class/net/" + device + "/address").strip();
  }

  public static String read(Path log) throws IOException {
    return Files.readString(log, StandardCharsets.ISO_8859_1);
  }

  public static void eventually(Path log, String text) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> assertThat(read(log)).contains(text));
  }

  public static String host(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + output).isZero();
    return output;
  }

  private static void end(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (Process process : processes) {
      end(process);
    }
    for (String space : spaces.reversed()) {
      host("ip", "netns", "del", space);
    }
  }
}
