package io.kindling.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.appliance.backup.Restore;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.testing.Machines;
import io.kindling.appliance.testing.RunningAppliance;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.JdbcNodeStore;
import io.kindling.pxe.TestClock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A backup of an appliance as it is wired, made over HTTP while it serves, and what it is restored
/// to.
class BackupTest {
  private static final String PASSPHRASE = "a horse, a battery and a staple";

  @TempDir Path dir;
  private final TestClock clock = new TestClock();
  private Path state;
  private OpenAppliance open;
  private RunningAppliance doors;

  @BeforeEach
  void open() throws Exception {
    state = dir.resolve("old");
    Files.createDirectories(state);
    Files.createDirectories(state.resolve("releases/rocky"));
    Files.writeString(state.resolve("releases/rocky/big"), "imported");
    Files.createDirectories(state.resolve("cache"));
    Files.writeString(state.resolve("cache/image"), "built");
    start();
  }

  private void start() {
    open = OpenAppliance.on(state, clock);
    doors = open.doors();
  }

  @AfterEach
  void close() {
    open.close();
  }

  private Path made() throws Exception {
    return made(Map.of("passphrase", PASSPHRASE), 200);
  }

  private Path made(Object body, int status) throws Exception {
    Path file = dir.resolve("made-" + UUID.randomUUID());
    String[] token = doors.token("t" + UUID.randomUUID().toString().substring(0, 8), "admin");
    HttpResponse<Path> answer;
    try (HttpClient client = HttpClient.newHttpClient()) {
      answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:%d/api/v1/backup".formatted(doors.port())))
                  .headers(token)
                  .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)))
                  .build(),
              HttpResponse.BodyHandlers.ofFile(file));
    }
    assertThat(answer.statusCode()).isEqualTo(status);
    return file;
  }

  private String report(int machine) throws Exception {
    HttpResponse<String> answer = doors.machine("POST", "/agent/v1/report", Machines.text(machine));
    return Json.tree(answer.body()).path("name").asString();
  }

  private List<String> restored(Path file, Path into) {
    return Restore.of(file, PASSPHRASE).into(into, dir.resolve("signing"), clock);
  }

  private ApplianceException refused(Path file, Path into) {
    return catchThrowableOfType(ApplianceException.class, () -> restored(file, into));
  }

  private static List<String> tree(Path top) throws IOException {
    try (Stream<Path> walk = Files.walk(top)) {
      return walk.filter(Files::isRegularFile)
          .map(p -> top.relativize(p).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void whatTheNextApplianceKnowsIsWhatThisOneKnew() throws Exception {
    String[] session = doors.account("ann", "admin").headers();
    String[] token = doors.token("grafana", "viewer");
    String name = report(1);
    doors.socket(
        "PATCH", "/api/v1/nodes/" + name, Map.of("name", "first", "labels", List.of("rack-4")));
    JsonNode audit = doors.socket("GET", "/api/v1/audit", Map.of());
    Path log = Files.createDirectories(state.resolve("log/nodes")).resolve("a.log");
    Files.writeString(log, "it went well\n");
    Path file = made();
    report(2); // after the backup
    open.close();

    Path next = dir.resolve("next");
    assertThat(restored(file, next))
        .contains(
            "not in the backup: packages: `kindling mirror sync` (on the ISO they are there)");
    for (String same : List.of("id_ed25519", "secrets.key", "boot-token.key")) {
      assertThat(Files.readAllBytes(next.resolve(same)))
          .isEqualTo(Files.readAllBytes(state.resolve(same)));
    }
    assertThat(next.resolve("log/nodes/a.log")).hasContent("it went well\n");
    assertThat(tree(next))
        .doesNotContain("releases/rocky/big", "cache/image", "restore.unfinished")
        .noneMatch(path -> path.startsWith(".backup"));
    for (Path path : List.of(next, next.resolve("kindling.mv.db"), next.resolve("secrets.key"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .endsWith("------");
    }
    state = next;
    start();
    assertThat(doors.get("/api/v1/nodes/first", token).statusCode()).isEqualTo(200);
    assertThat(doors.get("/api/v1/accounts", session).statusCode()).isEqualTo(200);
    JsonNode nodes = doors.socket("GET", "/api/v1/nodes", Map.of());
    assertThat(nodes).hasSize(1);
    assertThat(nodes.get(0).path("labels").get(0).asString()).isEqualTo("rack-4");
    JsonNode now = doors.socket("GET", "/api/v1/audit", Map.of());
    List<String> entries = new ArrayList<>();
    now.forEach(entry -> entries.add(entry.toString()));
    audit.forEach(entry -> assertThat(entries).contains(entry.toString()));
    assertThat(doors.socket("GET", "/api/v1/events?limit=1000", Map.of()).toString())
        .contains("\"restored\"");
  }

  @Test
  void noSecretStandsInTheFileAndThePassphraseNowhere() throws Exception {
    doors.account("ann", "admin");
    made(Map.of("passphrase", "too short"), 400);
    made(Map.of("passphrase", PASSPHRASE, "more", 1), 400);
    Path file = made();
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    for (String secret : List.of("id_ed25519", "secrets.key", "boot-token.key")) {
      String content = Files.readString(state.resolve(secret), StandardCharsets.ISO_8859_1);
      assertThat(text).doesNotContain(content).doesNotContain(secret);
    }
    assertThat(text).doesNotContain("argon2id", "PRIVATE KEY", PASSPHRASE);
    String told =
        doors.socket("GET", "/api/v1/audit", Map.of())
            + doors.socket("GET", "/api/v1/events?limit=1000", Map.of()).toString();
    assertThat(told).contains("/api/v1/backup", "backup-made");
    assertThat(told).doesNotContain(PASSPHRASE, "too short");
    open.close();
    try (Stream<Path> files = Files.walk(state)) {
      for (Path kept : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(kept, StandardCharsets.ISO_8859_1))
            .as(kept.toString())
            .doesNotContain(PASSPHRASE);
      }
    }
  }

  @Test
  void aPlaceThatIsNotEmptyIsLeftAsItIs() throws Exception {
    Path file = made();
    Path full = Files.createDirectory(dir.resolve("full"));
    Files.writeString(full.resolve("kindling.mv.db"), "another's");
    ApplianceException e = refused(file, full);
    assertThat(e.error()).isEqualTo(ApplianceError.OCCUPIED);
    assertThat(e.detail()).contains("kindling.mv.db");
    assertThat(tree(full)).containsExactly("kindling.mv.db");

    Path empty = Files.createDirectory(dir.resolve("empty"));
    Files.createDirectory(empty.resolve("lost+found")); // a file system of its own
    restored(file, empty);
    assertThat(tree(empty)).contains("kindling.mv.db", "id_ed25519");
  }

  @Test
  void whatCannotBeReadLeavesNothingBehind() throws Exception {
    Path file = made();
    Path next = dir.resolve("next");
    byte[] whole = Files.readAllBytes(file);
    Path cut = Files.write(dir.resolve("cut"), java.util.Arrays.copyOf(whole, whole.length - 1));
    assertThat(refused(cut, next).error()).isEqualTo(ApplianceError.BACKUP_DAMAGED);
    ApplianceException wrong =
        catchThrowableOfType(
            ApplianceException.class,
            () -> Restore.of(file, "another passphrase").into(next, dir.resolve("s"), clock));
    assertThat(wrong.error()).isEqualTo(ApplianceError.WRONG_PASSPHRASE);
    assertThat(next).doesNotExist();
  }

  @Test
  void aRestoreThatBrokeOffStartsNoApplianceAndIsDoneAnew() throws Exception {
    Path file = made();
    open.close();
    Path next = Files.createDirectory(dir.resolve("next"));
    Files.writeString(next.resolve("restore.unfinished"), "");
    Files.writeString(next.resolve("id_ed25519"), "half of");
    ApplianceException e =
        catchThrowableOfType(ApplianceException.class, () -> OpenAppliance.on(next, clock));
    assertThat(e.error()).isEqualTo(ApplianceError.RESTORE_UNFINISHED);
    restored(file, next);
    state = next;
    start();
    assertThat(doors.socket("GET", "/api/v1/status", Map.of()).isEmpty()).isFalse();
  }

  @Test
  void leftoversOfAKillAreGoneWithTheNextBackupAndInNone() throws Exception {
    Path left = Files.createDirectory(state.resolve(".backup-killed"));
    Files.writeString(left.resolve("database"), "a copy");
    Path next = dir.resolve("next");
    restored(made(), next);
    assertThat(left).doesNotExist();
    assertThat(tree(next)).noneMatch(path -> path.startsWith(".backup"));
  }

  @Test
  void theKeyOfThePackageMirrorComesBackAndIsNotLaidOverAnother() throws Exception {
    Path key = Files.createDirectories(state.resolve("cache/mirror/signing/private-keys-v1.d"));
    Files.writeString(key.resolve("k.key"), "the mirror's key");
    Path file = made();
    Path signing = dir.resolve("elsewhere/mirror/signing");
    Restore restore = Restore.of(file, PASSPHRASE);
    restore.into(dir.resolve("a"), signing, clock);
    assertThat(signing.resolve("private-keys-v1.d/k.key")).hasContent("the mirror's key");
    assertThat(Files.getPosixFilePermissions(signing)).hasSize(3);
    assertThat(restore.into(dir.resolve("b"), signing, clock))
        .noneMatch(note -> note.contains("another key"));
    Files.writeString(signing.resolve("private-keys-v1.d/k.key"), "this machine's key");
    assertThat(restore.into(dir.resolve("c"), signing, clock))
        .anyMatch(note -> note.contains("another key"));
    assertThat(signing.resolve("private-keys-v1.d/k.key")).hasContent("this machine's key");
    assertThat(tree(dir.resolve("c"))).noneMatch(path -> path.contains("signing"));
  }

  /// The backup is of yesterday: what was blank or half installed then may serve today.
  @Test
  void nothingGoesOnByItselfOrIsLaidOutByWhatDisksHeldThen() throws Exception {
    String blank = report(1);
    String midway = report(2);
    String serving = report(3);
    open.close();
    changed(midway, NodeState.PROVISIONING, false);
    changed(serving, NodeState.READY, true);
    start();
    Path file = made();
    open.close();
    Path next = dir.resolve("next");
    clock.advance(java.time.Duration.ofHours(20));
    assertThat(restored(file, next)).anyMatch(note -> note.startsWith(midway));
    state = next;
    start();
    JsonNode node = doors.socket("GET", "/api/v1/nodes/" + midway, Map.of());
    assertThat(node.path("state").asString()).isEqualTo("error");
    assertThat(node.path("reason").asString()).startsWith("APP-080");
    assertThat(doors.socket("GET", "/api/v1/nodes/" + serving, Map.of()).path("state").asString())
        .isEqualTo("ready");

    String cluster =
        "name: c\nnodes:\n- {match: {mac: \"%s\"}, roles: [base]}\n".formatted(Machines.mac(1));
    String lines =
        doors.send("PUT", "/api/v1/cluster", cluster, doors.token("o", "operator")).body();
    assertThat(lines).contains("has not reported since this appliance was restored");
    String alive = "{\"boot\":\"%s\"}".formatted(Machines.mac(1));
    assertThat(
            Json.tree(doors.machine("POST", "/agent/v1/alive", alive).body())
                .path("report")
                .asBoolean())
        .isTrue();
    clock.advance(java.time.Duration.ofSeconds(10));
    report(1);
    assertThat(doors.socket("GET", "/api/v1/nodes/" + blank, Map.of()).path("state").asString())
        .isEqualTo("assigned");
    assertThat(
            Json.tree(doors.machine("POST", "/agent/v1/alive", alive).body())
                .path("report")
                .asBoolean())
        .isFalse();
  }

  private void changed(String name, NodeState to, boolean onDisk) {
    try (Database database = ((Database.Opened) Database.open(state)).database()) {
      var nodes = new JdbcNodeStore(database, new FactsParser());
      Node node = nodes.findByName(name).orElseThrow();
      var assignment =
          new Assignment(
              1,
              Set.of(Role.BASE),
              Map.of("management", "10.20.0.77/24"),
              "[]",
              onDisk,
              null,
              null);
      nodes.change(node.id(), n -> n.withAssignment(assignment).withState(to, "image", null));
    }
  }
}
