package io.kindling.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.rack.Lan;
import io.kindling.tests.rack.ApplianceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/// Two namespaces and a cable: servers in one, clients in the other. Needs root.
final class Peers implements AutoCloseable {
  /// How long each measurement lasts: shorter ones only show that the benchmark itself works.
  static final int SECONDS = Integer.getInteger("kindling.bench.seconds", 6);

  static final String ADDRESS = "10.98.0.1";

  /// The clients' end of the cable.
  static final String DEVICE = "bv1";

  static final String CLIENT = "10.98.0.2";

  final Path folder;
  final Path files;
  final Lan lan;
  final String servers;
  final String clients;

  Peers(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    files = Files.createDirectory(folder.resolve("files"));
    lan = new Lan(folder);
    servers = lan.space("bs");
    clients = lan.space("bc");
    lan.cable(servers, "bv0", clients, DEVICE);
    lan.address(servers, "bv0", ADDRESS + "/16");
    lan.address(clients, DEVICE, CLIENT + "/16");
    System.out.println(
        "load before: "
            + Files.readString(Path.of("/proc/loadavg")).strip()
            + ", processors: "
            + Runtime.getRuntime().availableProcessors());
  }

  Path file(String name, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return Files.write(files.resolve(name), content);
  }

  /// Starts the appliance's servers; ends with {@link Lan#endLast}.
  Path kindling(boolean dhcp) throws IOException {
    Path state = Files.createTempDirectory(folder, "state");
    Path log =
        lan.startJava(
            servers,
            ApplianceProcess.JVM,
            BenchServer.class,
            dhcp ? "bv0" : "none",
            ADDRESS,
            files.toString(),
            state.toString());
    Lan.eventually(log, "ready");
    return log;
  }

  /// Seconds that a shell command takes among the clients.
  double seconds(String command) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    String output = lan.run(clients, "sh", "-c", command + " && echo all-well");
    assertThat(output).contains("all-well");
    return (System.nanoTime() - begin) / 1e9;
  }

  static void ratio(String what, String unit, double ours, String peer, double theirs) {
    System.out.printf(
        "RATIO %s: kindling %.1f %s, %s %.1f %s, ratio %.2f%n",
        what, ours, unit, peer, theirs, unit, ours / theirs);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    lan.close();
  }
}
