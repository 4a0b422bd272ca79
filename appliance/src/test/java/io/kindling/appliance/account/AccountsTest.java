package io.kindling.appliance.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Problem;
import io.kindling.inventory.store.AccessTable;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.TestDatabases;
import io.kindling.pxe.TestClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AccountsTest {
  private static final String PASSWORD = "correct horse battery";

  @TempDir Path state;
  private final TestClock clock = new TestClock();
  private final SecureRandom random = new SecureRandom();
  private Database database;
  private Entrance entrance;
  private Accounts accounts;

  @BeforeEach
  void open() {
    database = TestDatabases.open(state);
    entrance = Entrance.of(database, clock, random);
    accounts = entrance.accounts();
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void restart() {
    close();
    open();
  }

  private static String refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    Problem problem = catchThrowableOfType(Problem.class, call);
    assertThat(problem).isNotNull();
    return problem.id();
  }

  private void admin(String name) {
    accounts.choose(accounts.adminLink(), name, PASSWORD);
  }

  @Test
  void theFirstAdministratorIsMadeByALinkThatWorksOnce() {
    assertThat(accounts.needsFirst()).isTrue();
    String link = accounts.adminLink();
    restart();
    assertThat(refused(() -> accounts.choose(link, "ann", "short"))).isEqualTo("APP-507");
    assertThat(refused(() -> accounts.choose(link, "Ann!", PASSWORD))).isEqualTo("APP-509");
    assertThat(accounts.choose(link, "ann", PASSWORD)).isEqualTo("ann");
    assertThat(accounts.needsFirst()).isFalse();
    assertThat(refused(() -> accounts.choose(link, "eve", PASSWORD))).isEqualTo("APP-506");
    restart();
    assertThat(accounts.prove("ann", PASSWORD, "10.0.0.1")).isEqualTo("ann");
    assertThat(accounts.roleOf("ann")).contains(Access.ADMIN);
  }

  @Test
  void aLinkExpiresAndANewOneEndsThoseBefore() {
    String old = accounts.adminLink();
    String link = accounts.adminLink();
    assertThat(refused(() -> accounts.linkOf(old))).isEqualTo("APP-506");
    clock.advance(Accounts.LINK);
    assertThat(refused(() -> accounts.choose(link, "ann", PASSWORD))).isEqualTo("APP-506");
    assertThat(accounts.needsFirst()).isTrue();
  }

  @Test
  void anOwnerChoosesThePasswordAndKeepsNameAndRole() {
    admin("ann");
    accounts.add("bob", Access.VIEWER);
    assertThat(refused(() -> accounts.prove("bob", "", "10.0.0.1"))).isEqualTo("APP-503");
    assertThat(accounts.choose(accounts.link("bob"), "ann", PASSWORD)).isEqualTo("bob");
    assertThat(accounts.roleOf("bob")).contains(Access.VIEWER);
    accounts.setRole("bob", Access.OPERATOR);
    restart();
    assertThat(accounts.roleOf("bob")).contains(Access.OPERATOR);
    assertThat(refused(() -> accounts.add("bob", Access.VIEWER))).isEqualTo("APP-509");
  }

  @Test
  void theLastAdministratorStays() {
    admin("ann");
    accounts.add("eve", Access.ADMIN); // who has no password cannot log in and does not count
    assertThat(refused(() -> accounts.remove("ann"))).isEqualTo("APP-510");
    assertThat(refused(() -> accounts.setRole("ann", Access.VIEWER))).isEqualTo("APP-510");
    admin("bob");
    accounts.remove("ann");
    assertThat(refused(() -> accounts.setRole("bob", Access.OPERATOR))).isEqualTo("APP-510");
    assertThat(refused(() -> accounts.remove("ann"))).isEqualTo("APP-508");
  }

  @Test
  void whatIsKeptIsArgon2idAndNoSecret() throws Exception {
    String link = accounts.adminLink();
    accounts.choose(link, "ann", PASSWORD);
    String token = entrance.tokens().add("ci", Access.VIEWER, Duration.ofDays(1), "ann");
    assertThat(new AccessTable(database).accounts().getFirst().password())
        .startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    String secret = token.substring(ApiTokens.PREFIX.length());
    assertThat(entrance.tokens().find(token)).isPresent();
    assertThat(entrance.tokens().find(secret)).isEmpty();
    close();
    String file = new String(Files.readAllBytes(state.resolve("kindling.mv.db")), "ISO-8859-1");
    assertThat(file).contains("argon2id").doesNotContain(link, secret, PASSWORD);
    open();
  }

  @Test
  void aTokenDoesNoMoreThanItsOwnerAndGoesWithTheOwner() {
    admin("ann");
    accounts.add("bob", Access.OPERATOR);
    ApiTokens tokens = entrance.tokens();
    String token = tokens.add("ci", Access.OPERATOR, Duration.ofDays(9), "bob");
    String free = tokens.add("socket", Access.ADMIN, Duration.ofDays(9), "");
    accounts.setRole("bob", Access.VIEWER);
    assertThat(tokens.find(token)).get().returns(Access.VIEWER, ApiTokens.Token::role);
    accounts.setRole("bob", Access.ADMIN);
    assertThat(tokens.find(token)).get().returns(Access.OPERATOR, ApiTokens.Token::role);
    accounts.remove("bob");
    assertThat(tokens.find(token)).isEmpty();
    assertThat(tokens.find(free)).get().returns(Access.ADMIN, ApiTokens.Token::role);
    restart();
    assertThat(entrance.tokens().find(token)).isEmpty();
    assertThat(entrance.tokens().find(free)).isPresent();
  }

  @Test
  void aTokenEndsByItsTimeOrByBeingRevokedAndItsNameIsItsOwn() {
    ApiTokens tokens = entrance.tokens();
    String a = tokens.add("a", Access.VIEWER, Duration.ofDays(1), "");
    String b = tokens.add("b", Access.VIEWER, Duration.ofDays(2), "");
    assertThat(refused(() -> tokens.add("b", Access.ADMIN, Duration.ofDays(1), "")))
        .isEqualTo("APP-509");
    assertThat(refused(() -> tokens.add("c", Access.ADMIN, Duration.ofDays(367), "")))
        .isEqualTo("APP-509");
    clock.advance(Duration.ofDays(1));
    assertThat(tokens.find(a)).isEmpty();
    assertThat(tokens.find(b)).isPresent();
    tokens.revoke("b");
    assertThat(tokens.find(b)).isEmpty();
    assertThat(refused(() -> tokens.revoke("b"))).isEqualTo("APP-508");
  }

  @Test
  void guessingBecomesSlowerAndSlowerButOnlyFromThatAddress() {
    admin("ann");
    for (int i = 0; i < Lockout.OF_ACCOUNT; i++) {
      assertThat(refused(() -> accounts.prove("ann", "wrong", "10.0.0.9"))).isEqualTo("APP-503");
    }
    assertThat(refused(() -> accounts.prove("ann", PASSWORD, "10.0.0.9"))).isEqualTo("APP-504");
    assertThat(accounts.prove("ann", PASSWORD, "10.0.0.8")).isEqualTo("ann");
    clock.advance(Lockout.FIRST);
    assertThat(refused(() -> accounts.prove("ann", "wrong", "10.0.0.9"))).isEqualTo("APP-503");
    clock.advance(Lockout.FIRST);
    assertThat(refused(() -> accounts.prove("ann", PASSWORD, "10.0.0.9"))).isEqualTo("APP-504");
    clock.advance(Lockout.FIRST);
    assertThat(accounts.prove("ann", PASSWORD, "10.0.0.9")).isEqualTo("ann");
  }

  @Test
  void aNameThatIsNotThereIsAnsweredAndLockedLikeOneThatIs() {
    admin("ann");
    for (String name : new String[] {"ann", "nobody"}) {
      for (int i = 0; i < Lockout.OF_ACCOUNT; i++) {
        Problem problem =
            catchThrowableOfType(
                Problem.class, () -> accounts.prove(name, "wrong", "10.0.0." + name.length()));
        assertThat(problem.body().toString())
            .isEqualTo(AccountError.WRONG_PASSWORD.problem("check both").body().toString());
      }
      assertThat(refused(() -> accounts.prove(name, "wrong", "10.0.0." + name.length())))
          .isEqualTo("APP-504");
    }
  }

  @Test
  void anAddressThatTriesManyNamesIsLockedOutToo() {
    var lockout = new Lockout(clock);
    for (int i = 0; i < Lockout.OF_ADDRESS; i++) {
      lockout.begin("name-" + i, "10.0.0.9");
    }
    assertThat(refused(() -> lockout.begin("another", "10.0.0.9"))).isEqualTo("APP-504");
    lockout.begin("another", "10.0.0.8");
  }

  @Test
  void manyGuessesAtOnceAreCountedBeforeTheyAreAnswered() throws Exception {
    admin("ann");
    int many = 20;
    var answers = new java.util.concurrent.ConcurrentLinkedQueue<String>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var go = new CountDownLatch(1);
      for (int i = 0; i < many; i++) {
        threads.execute(() -> {
          try {
            go.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          answers.add(refused(() -> accounts.prove("ann", "wrong", "10.0.0.9")));
        });
      }
      go.countDown();
    }
    assertThat(answers.stream().filter("APP-503"::equals)).hasSize(Lockout.OF_ACCOUNT);
    assertThat(answers.stream().filter("APP-504"::equals)).hasSize(many - Lockout.OF_ACCOUNT);
  }

  @Test
  void noMorePasswordsAreComputedAtOnceThanThereArePlaces() {
    var none = new Passwords(random, 0, Duration.ofMillis(1));
    assertThat(refused(() -> none.matches(null, "x"))).isEqualTo("APP-512");
  }

  @Test
  void aPasswordMatchesHoweverItsAccentsWereTyped() {
    var passwords = new Passwords(random, 1, Duration.ofSeconds(10));
    String kept = passwords.kept("gr\u00fc\u00dfe aus K\u00f6ln");
    assertThat(passwords.matches(kept, "gru\u0308\u00dfe aus Ko\u0308ln")).isTrue();
    assertThat(passwords.matches(kept, "gru\u00dfe aus Koln")).isFalse();
    assertThat(refused(() -> passwords.kept("x".repeat(257)))).isEqualTo("APP-507");
  }
}
