package io.kindling.appliance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.account.Entrance;
import io.kindling.appliance.api.AccessApi;
import io.kindling.appliance.door.UnixDoor;
import io.kindling.appliance.http.Handlers;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.TestDatabases;
import io.kindling.pxe.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AccountCommandsTest {
  private static final String PASSWORD = "correct horse battery";

  @TempDir Path state;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private Database database;
  private Entrance entrance;
  private UnixDoor door;

  @BeforeEach
  void open() {
    database = TestDatabases.open(state);
    entrance = Entrance.of(database, new TestClock(), new SecureRandom());
    var routes = new Handlers(threads, entrance.guard());
    new AccessApi(
            entrance.accounts(), entrance.tokens(), entrance.audit(), path -> "http://rack" + path)
        .routes(routes);
    door = new UnixDoor(state.resolve("kindling.sock"), 1 << 20, routes.build(), threads);
  }

  @AfterEach
  void close() {
    door.close();
    threads.shutdownNow();
    database.close();
  }

  private CommandLineRun say(String... arguments) {
    return CommandLineRun.of(state, arguments);
  }

  private String done(String... arguments) {
    CommandLineRun run = say(arguments);
    assertThat(run.status()).as(run.err()).isZero();
    return run.out();
  }

  @Test
  void anAccountIsMadeByLinksGivenARoleAndRemoved() {
    assertThat(say("account", "list").err()).contains("kindling account admin-link");
    String link = done("account", "admin-link").strip();
    assertThat(link).startsWith("http://rack/welcome?link=");
    entrance.accounts().choose(link.substring(link.indexOf('=') + 1), "ann", PASSWORD);
    assertThat(done("account", "add", "bob", "--role", "operator")).contains("/welcome?link=");
    assertThat(done("account", "list"))
        .containsPattern("ann +admin +chosen")
        .containsPattern("bob +operator +not chosen yet");
    assertThat(done("account", "link", "bob")).contains("/welcome?link=");
    done("account", "role", "bob", "viewer");
    assertThat(done("account", "list", "--json")).contains("\"viewer\"");
    done("account", "remove", "bob");
    assertThat(done("account", "list")).doesNotContain("bob");
    assertThat(say("account", "remove", "ann").err()).contains("APP-510");
    assertThat(say("account", "add", "eve", "--role", "root").status()).isEqualTo(2);
  }

  @Test
  void aTokenIsPrintedOnceListedAndRevokedAndTheAuditTellsIt() {
    String token = done("token", "add", "ci", "--role", "viewer", "--days", "9").strip();
    assertThat(token).matches("kindling_[A-Za-z0-9_-]{43}");
    assertThat(done("token", "list"))
        .containsPattern("ci +viewer +socket +2026-11-10")
        .doesNotContain(token);
    done("token", "revoke", "ci");
    assertThat(say("token", "revoke", "ci").err()).contains("APP-508");
    String user = System.getProperty("user.name");
    assertThat(done("audit"))
        .contains(user + " (socket)  POST /api/v1/tokens", "DELETE /api/v1/tokens/ci");
    assertThat(done("audit", "-n", "1")).doesNotContain("POST");
    assertThat(done("audit", "--json")).contains("\"days\\\":9").doesNotContain(token);
  }
}
