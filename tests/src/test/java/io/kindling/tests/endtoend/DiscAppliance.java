package io.kindling.tests.endtoend;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.ApplianceClient.Answer;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.NodeShell;
import io.kindling.tests.rack.Qmp;
import io.kindling.tests.rack.RackError;
import io.kindling.tests.rack.RackException;
import io.kindling.tests.rack.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An appliance that starts from the ISO, as who stands before it and who comes over the operators'
/// network see it.
final class DiscAppliance {

  /// Its own on the provisioning network.
  static final String ADDRESS = "10.20.0.1";

  /// Three minutes where the machine has nothing else to do; 20 were seen on two cores at load 13.
  private static final Duration START = Duration.ofMinutes(40);

  /// The command line's start alone takes minutes where two emulated machines share two cores.
  private static final Duration COMMAND = Duration.ofMinutes(20);

  private static final Pattern FINGERPRINT = Pattern.compile("([0-9A-F]{2}:){31}[0-9A-F]{2}");
  private static final Pattern READY = Pattern.compile("kindling: console ready, ([0-9.]+) s");
  private static final int CONSOLE_PORT = 8443;

  /// How a terminal is cleared (`TERM=linux`).
  private static final String CLEARED = "\u001b[H\u001b[J";

  private final DiscRack rack;
  private final Machine machine;
  private final String operators;
  private final NodeShell shell;
  private String token = "";

  /// @param operators its address for operators
  /// @param key of an operator whose public half it was given
  DiscAppliance(DiscRack rack, Machine machine, String operators, Path key) {
    this.rack = rack;
    this.machine = machine;
    this.operators = operators;
    this.shell = new NodeShell(key, rack.network, operators, COMMAND);
  }

  Machine machine() {
    return machine;
  }

  /// Waits until its console is ready, and says after how many seconds of its kernel's.
  String ready() {
    Waiting.until(
        "console ready on the serial console",
        START,
        () -> READY.matcher(serial()).find(),
        machine::mustRun);
    Matcher told = READY.matcher(serial());
    return told.find() ? told.group(1) : "";
  }

  /// Waits until its screen says that; it is drawn anew every few seconds.
  void shows(String text) {
    Waiting.until(
        text + " on the serial console", START, () -> serial().contains(text), machine::mustRun);
  }

  /// What was written to the serial console since it was switched on.
  String serial() {
    try {
      String all = new String(Files.readAllBytes(machine.console()), StandardCharsets.UTF_8);
      return all.substring(Math.max(0, all.lastIndexOf(Machine.POWER_ON)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What stands on the serial console since it was cleared.
  String page() {
    String all = serial();
    return all.substring(Math.max(0, all.lastIndexOf(CLEARED)));
  }

  /// A picture of its screen.
  Path screen(String name) throws IOException {
    Path picture = rack.directory.resolve(name + ".png");
    try (var qmp = new Qmp(machine.console().resolveSibling("qmp.sock"))) {
      qmp.execute("screendump", Map.of("filename", picture.toString(), "format", "png"));
    }
    return picture;
  }

  /// The console's address, without a path.
  String url() {
    return "https://" + operators + ":" + CONSOLE_PORT;
  }

  /// The SHA-256 of the certificate that a browser is shown.
  String fingerprint() {
    String look =
        "openssl s_client -connect '%s' </dev/null | openssl x509 -noout -fingerprint -sha256"
            .formatted(url().replace("https://", ""));
    var seen = new StringBuilder();
    Waiting.until(
        "the console's certificate",
        COMMAND,
        () -> {
          Commands.Result said =
              Commands.attempt(Duration.ofMinutes(4), rack.network.in("sh", "-c", look));
          Matcher found = FINGERPRINT.matcher(said.output());
          boolean shown = found.find();
          seen.append(shown ? found.group() : "");
          return shown;
        },
        machine::mustRun);
    return seen.toString();
  }

  /// The console's answer to a browser in the operators' network.
  Answer browser(String... options) {
    var command =
        new ArrayList<>(
            List.of(
                "curl",
                "--silent",
                "--insecure",
                "--max-time",
                "240", // a slow machine's first handshake
                "--write-out",
                "\n%{http_code}"));
    command.addAll(List.of(options));
    Commands.Result result =
        Commands.attempt(Duration.ofSeconds(300), rack.network.in(command.toArray(String[]::new)));
    String output = result.output();
    int end = output.lastIndexOf('\n');
    return end < 0
        ? new Answer(0, output)
        : new Answer(Integer.parseInt(output.substring(end + 1).strip()), output.substring(0, end));
  }

  /// The operators' API, over TLS with a token; a refusal is a named error.
  Answer api(String method, String path, String type, String body) {
    if (token.isEmpty()) {
      token =
          run("kindling token add test --role admin --days 1").strip().lines().toList().getLast();
    }
    var options =
        new ArrayList<>(
            List.of(
                "--request", method, "--header", "Authorization: Bearer " + token, url() + path));
    if (!body.isEmpty()) {
      options.addAll(List.of("--header", "Content-Type: " + type, "--data-binary", body));
    }
    return ApplianceClient.must(browser(options.toArray(String[]::new)));
  }

  /// Copies the medium to a disk, with what it has in memory; returns when that is done.
  void install(String disk) {
    run("systemd-run --quiet --unit=put-on-disk kindling-install --yes " + disk);
    Waiting.until(
        "Kindling on its disk",
        START,
        () -> {
          String state = attempt("systemctl show -P ActiveState put-on-disk").output().strip();
          return List.of("inactive", "failed").contains(state);
        },
        machine::mustRun);
    String told = run("journalctl --unit=put-on-disk --output=cat");
    if (!told.contains("done: ")) {
      throw new RackException(RackError.COMMAND_FAILED, "kindling-install: " + told);
    }
  }

  /// Runs a command as root, over SSH.
  Commands.Result attempt(String command) {
    return shell.as("root", command);
  }

  /// The same, where it must succeed.
  String run(String command) {
    Commands.Result result = attempt(command);
    if (!result.ok()) {
      throw new RackException(RackError.COMMAND_FAILED, command + ": " + result.output());
    }
    return result.output();
  }
}
