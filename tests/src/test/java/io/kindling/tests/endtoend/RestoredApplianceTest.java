package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.ApplianceProcess;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Network;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// An appliance is backed up while it serves, killed, and restored from the file alone; what asked
/// the one goes on with the other.
@Tag("rack")
final class RestoredApplianceTest {

  private static final Duration START = Duration.ofMinutes(1);

  private Scenario scenario;
  private ApplianceProcess next;
  private Path passphrase;
  private Path file;

  @BeforeEach
  void up() throws Exception {
    scenario = Scenario.ofContainers("restore");
    Path elsewhere = Files.createDirectory(scenario.directory.resolve("elsewhere"));
    next = new ApplianceProcess(elsewhere, scenario.cache(), scenario.network, List.of());
    passphrase = Files.writeString(elsewhere.resolve("passphrase"), "words for this one test\n");
    file = elsewhere.resolve("a.backup");
    for (String client : List.of("client0", "client1")) {
      String port = client.replace("client", "port");
      ip("link", "add", client, "type", "veth", "peer", "name", port);
      ip("link", "set", port, "master", Network.BRIDGE, "up");
      ip("link", "set", client, "up");
    }
  }

  @AfterEach
  void down() {
    next.kill();
    scenario.close();
  }

  private void ip(String... arguments) {
    var command = new java.util.ArrayList<>(List.of("ip", "-n", scenario.network.namespace()));
    command.addAll(List.of(arguments));
    Commands.run(command.toArray(String[]::new));
  }

  /// The address that the client is lent, of a server that may look for others first.
  private String lease(String client) {
    Commands.Result lease =
        Commands.attempt(
            Duration.ofMinutes(1),
            scenario.network.in(
                "busybox",
                "udhcpc",
                "-i",
                client,
                "-f",
                "-q",
                "-n",
                "-t",
                "10",
                "-s",
                "/bin/true"));
    assertThat(lease.output()).contains("lease of 10.20.0.");
    return lease.output().replaceAll("(?s).*lease of ([0-9.]+) obtained.*", "$1");
  }

  private String console(String token, String path) {
    return Commands.attempt(
            Duration.ofMinutes(1),
            scenario.network.in(
                "curl",
                "--silent",
                "--show-error",
                "--write-out",
                " status %{http_code}",
                "--header",
                "Authorization: Bearer " + token,
                "http://127.0.0.1:8080" + path))
        .output();
  }

  private String[] restore(Path from) {
    return new String[] {
      "restore",
      from.toString(),
      "--state",
      next.state().toString(),
      "--config",
      file.resolveSibling("other.yaml").toString(),
      "--passphrase-file",
      passphrase.toString()
    };
  }

  @Test
  void whatAskedTheOneGoesOnWithTheOther() throws Exception {
    String first = lease("client0");
    String second = lease("client1");
    assertThat(second).isNotEqualTo(first);
    ApplianceClient client = scenario.client();
    String token =
        ApplianceClient.must(
                client.send(
                    "POST",
                    "/api/v1/tokens",
                    "application/json",
                    "{\"name\":\"grafana\",\"role\":\"operator\",\"days\":30}"))
            .json()
            .path("token")
            .asString();
    String yaml =
        "name: rack7\nnodes:\n  - { match: { mac: \"52:54:00:00:00:01\" }, roles: [base] }\n";
    scenario.apply(yaml);
    String socket = scenario.appliance.state().toString();

    // Nothing is written unless all of it is.
    String[] backup = {
      "backup", "--state", socket, "-o", file.toString(), "--passphrase-file", passphrase.toString()
    };
    Path weak = Files.writeString(file.resolveSibling("weak"), "short");
    Commands.Result refused =
        KindlingCli.run(
            "backup", "--state", socket, "-o", file.toString(), "--passphrase-file", "" + weak);
    assertThat(refused.output()).contains("APP-071");
    assertThat(Files.list(file.getParent()).toList()).doesNotContain(file);
    scenario.terminal.say(KindlingCli.must(backup).strip());
    assertThat(KindlingCli.run(backup).output()).contains("exists already");
    assertThat(Commands.run("stat", "-c", "%a", file.toString()).strip()).isEqualTo("600");
    assertThat(KindlingCli.run("backup", "--state", socket, "-o", file + "2").output())
        .contains("--passphrase-file"); // no terminal here
    assertThat(file.resolveSibling("a.backup.part")).doesNotExist();

    String third = lease("client0"); // goes on meanwhile
    assertThat(third).isEqualTo(first);
    JsonNode audit = ApplianceClient.must(client.get("/api/v1/audit")).json();
    scenario.appliance.kill();

    // Each thing that can be wrong, by its name and with nothing left behind.
    byte[] whole = Files.readAllBytes(file);
    Path cut = Files.write(file.resolveSibling("cut"), java.util.Arrays.copyOf(whole, 5000));
    assertThat(KindlingCli.run(restore(cut)).output()).contains("APP-074");
    Files.writeString(passphrase, "other words for this test\n");
    assertThat(KindlingCli.run(restore(file)).output()).contains("APP-075");
    Files.writeString(passphrase, "words for this one test\n");
    String[] onto = restore(file);
    onto[3] = socket;
    assertThat(KindlingCli.run(onto).output()).contains("APP-077");
    assertThat(next.state()).doesNotExist();
    assertThat(file.resolveSibling("other.yaml")).doesNotExist();

    String said = KindlingCli.must(restore(file));
    assertThat(said).contains("restored into " + next.state(), "not in the backup: images");
    assertThat(file.resolveSibling("other.yaml")).content().contains("10.20.0.1/24");
    next.start(START);
    assertThat(lease("client1")).isEqualTo(second); // a new appliance would lend it the first one
    assertThat(lease("client0")).isEqualTo(first);
    assertThat(console(token, "/api/v1/cluster")).contains("rack7", "status 200");
    assertThat(console("kindling_" + "x".repeat(43), "/api/v1/cluster")).contains("status 401");
    assertThat(Files.readString(next.state().resolve("id_ed25519")))
        .isEqualTo(Files.readString(scenario.appliance.state().resolve("id_ed25519")));
    String now = ApplianceClient.must(next.client().get("/api/v1/audit")).body();
    assertThat(audit.toString()).contains("/api/v1/backup");
    audit.forEach(entry -> {
      if (!entry.toString().contains("/api/v1/backup")) { // it stands there once it is done
        assertThat(now).contains(entry.toString());
      }
    });
  }
}
