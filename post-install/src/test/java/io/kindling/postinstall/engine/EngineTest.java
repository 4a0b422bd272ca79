package io.kindling.postinstall.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.FakeTime;
import io.kindling.postinstall.MemoryOutcomeStore;
import io.kindling.postinstall.MemoryTaskLog;
import io.kindling.postinstall.Outcome;
import io.kindling.postinstall.OutcomeStore;
import io.kindling.postinstall.Sleeper;
import io.kindling.postinstall.engine.Engine.Mode;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.RunReport.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {

  private static final String ME = System.getProperty("user.name");
  private static final String SECRET = "AQBsecretkeyOfAClient1234567890abcdef==";

  @TempDir Path directory;
  private final MemoryOutcomeStore outcomes = new MemoryOutcomeStore();
  private final MemoryTaskLog log = new MemoryTaskLog();
  private final FakeTime time = new FakeTime();
  private LocalRack rack;

  @BeforeEach
  void threeHosts() throws Exception {
    rack = new LocalRack(directory, "a", "b", "c");
    for (String name : rack.names()) {
      Files.createDirectories(directory.resolve(name));
    }
  }

  @Test
  void theFirstRunMakesWhatIsPlannedAndTheSecondChangesNothing() throws Exception {
    Graph graph = graph(GraphTask.of("conf", "the file", parallel(), this::conf));
    RunReport first = apply(graph);
    assertThat(first.whole()).isTrue();
    assertThat(statuses(first, "conf")).containsOnly(Status.CHANGED);
    assertThat(first.changes()).isEqualTo(3);
    Path file = Path.of(rack.path("b", "etc/it.conf"));
    assertThat(file).content().isEqualTo("# a 'quoted' $(file)\nkey = b\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
    var touched = Files.getLastModifiedTime(file);

    RunReport second = apply(graph);
    assertThat(statuses(second, "conf")).containsOnly(Status.UNCHANGED);
    assertThat(second.changes()).isZero();
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(touched);
    assertThat(said()).contains("as planned, nothing changed");
  }

  @Test
  void aTaskThatDiesWithItsNodeIsTriedAgainWhenTheNodeIsBack() throws Exception {
    // As a reboot does: the first time, the job's shell is killed from within.
    String booted = rack.path("a", "booted");
    Function<String, List<Item>> reboot =
        host ->
            List.of(
                new Action(
                    "reboot",
                    Command.of("test", "-e", booted),
                    List.of(
                        Command.of("mkdir", "-p", Path.of(booted).getParent().toString()),
                        Command.of("touch", booted),
                        Command.of("sh", "-c", "kill -TERM -$(ps -o pgid= $$ | tr -d ' ')"))));
    RunReport report =
        apply(graph(GraphTask.of("boot", "a reboot", Scope.once(List.of("a")), reboot)));
    assertThat(report.whole()).as(report.toString()).isTrue();
    assertThat(said()).contains("passes by itself, tried again");
  }

  @Test
  void aHandMadeChangeIsFoundAndMended() throws Exception {
    Graph graph = graph(GraphTask.of("conf", "the file", parallel(), this::conf));
    apply(graph);
    Path file = Path.of(rack.path("c", "etc/it.conf"));
    Files.writeString(file, "by hand");
    RunReport report = apply(graph);
    assertThat(report.changes()).isEqualTo(1);
    assertThat(hostReport(report, "conf", "c").changes().getFirst().why())
        .isEqualTo("has other content");
    assertThat(file).content().contains("key = c");

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(hostReport(apply(graph), "conf", "c").changes().getFirst().why())
        .contains("0666, planned is");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void aLinkInAFilesPlaceIsReplacedNotFollowed() throws Exception {
    Path other = directory.resolve("other");
    Files.writeString(other, "not ours");
    Path file = Path.of(rack.path("a", "etc/it.conf"));
    Files.createDirectories(file.getParent());
    Files.createSymbolicLink(file, other);
    apply(graph(GraphTask.of("conf", "the file", parallel(), this::conf)));
    assertThat(file).isRegularFile();
    assertThat(Files.isSymbolicLink(file)).isFalse();
    assertThat(other).content().isEqualTo("not ours");
  }

  @Test
  void lookingTellsCommandsAndDiffsAndChangesNothing() throws Exception {
    Path file = Path.of(rack.path("a", "etc/it.conf"));
    Files.createDirectories(file.getParent());
    Files.writeString(file, "# a 'quoted' $(file)\nkey = old\n");
    Graph graph =
        graph(
            GraphTask.of("conf", "the file", parallel(), this::conf),
            GraphTask.of(
                "mark",
                "a mark",
                Scope.once(List.of("a")),
                host -> List.of(mark(host, "mark")),
                "conf"));
    RunReport report = run(graph, Mode.LOOK);
    assertThat(statuses(report, "conf")).containsOnly(Status.WOULD_CHANGE);
    assertThat(hostReport(report, "conf", "a").changes().getFirst().diff())
        .isEqualTo(
            """
            --- %1$s
            +++ %1$s
            @@ -1,2 +1,2 @@
             # a 'quoted' $(file)
            -key = old
            +key = a
            """
                .formatted(file));
    assertThat(hostReport(report, "mark", "a").changes().getFirst().commands())
        .containsExactly("touch " + rack.path("a", "mark"));
    assertThat(file).content().contains("old");
    assertThat(Path.of(rack.path("b", "etc/it.conf"))).doesNotExist();
    assertThat(outcomes.of(rack.host("a").node(), 1)).isEmpty();
  }

  @Test
  void aSecretIsNeitherLoggedNorShownNorLeftBehind() throws Exception {
    Graph graph =
        graph(
            GraphTask.of(
                "key",
                "the key",
                parallel(),
                host ->
                    List.of(
                        new ManagedFile(
                            rack.path(host, "keyring"),
                            ME,
                            group(),
                            "0600",
                            "[client.x]\nkey = " + SECRET + "\n",
                            List.of(SECRET)),
                        new Action(
                            "shows the key",
                            Command.of("test", "-e", rack.path(host, "shown")),
                            List.of(
                                Command.of("cat", rack.path(host, "keyring")),
                                Command.of("touch", rack.path(host, "shown")))))));
    RunReport look = run(graph, Mode.LOOK);
    RunReport report = apply(graph);
    assertThat(report.whole()).isTrue();
    assertThat(look.toString() + report).doesNotContain(SECRET);
    assertThat(said()).contains("key = [secret]").doesNotContain(SECRET);
    assertThat(Path.of(rack.path("a", "keyring"))).content().contains(SECRET);
    try (var files = Files.walk(directory.resolve("a/tasks"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().equals("output")) {
          assertThat(file).content().doesNotContain(SECRET);
        }
      }
    }
  }

  @Test
  void aSecretOnACommandLineOrInAnOpenFileIsRefused() {
    var key = new ManagedFile("/x/key", "root", "root", "0600", "key=" + SECRET, List.of(SECRET));
    for (Item open :
        List.of(
            ManagedFile.of("/x/open", "key is " + SECRET),
            new Action("sets", Command.of("false"), List.of(Command.of("set", "-k" + SECRET))),
            new Gate(
                "waits",
                Command.of("curl", SECRET),
                Duration.ofSeconds(1),
                EngineError.TIME_LIMIT))) {
      assertThatThrownBy(
              () -> graph(GraphTask.of("key", "", parallel(), host -> List.of(key, open))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("in the open")
          .hasMessageNotContaining(SECRET);
    }
  }

  @Test
  void whatPassesByItselfIsTriedAgainWithGrowingPauses() throws Exception {
    String count = rack.path("a", "count");
    Graph graph =
        graph(
            GraphTask.of(
                "try",
                "",
                Scope.once(List.of("a")),
                host ->
                    List.of(
                        new Action(
                            "third time",
                            sh("[ \"$(cat " + count + ")\" = xxx ]"),
                            List.of(
                                sh(
                                    "mkdir -p \"$(dirname "
                                        + count
                                        + ")\"; printf x >>"
                                        + count
                                        + "; [ \"$(cat "
                                        + count
                                        + ")\" = xxx ] || { echo 'E: Could not get lock';"
                                        + " exit 100; }"))))));
    RunReport report = apply(graph);
    assertThat(report.whole()).isTrue();
    assertThat(time.slept()).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  @Test
  void whatDoesNotPassIsNotTriedAgainAndSaysWhatWasSeen() throws Exception {
    RunReport report =
        apply(
            graph(
                GraphTask.of(
                    "fails",
                    "",
                    Scope.once(List.of("a")),
                    host ->
                        List.of(
                            new Action(
                                "the thing",
                                Command.of("false"),
                                List.of(sh("echo no such thing >&2; exit 3")))))));
    Finding finding = task(report, "fails").finding();
    assertThat(finding.error()).isEqualTo("ENG-006");
    assertThat(finding.text()).contains("the thing: exit 3").contains("no such thing");
    assertThat(time.slept()).isEmpty();
    assertThat(outcomes.of(rack.host("a").node(), 1))
        .extracting(Outcome::task, Outcome::status)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("test/fails", Outcome.Status.FAILED));
  }

  @Test
  void anErrorThatACommandNamesIsFoundInTheGraphsCatalogue() throws Exception {
    RunReport report =
        apply(
            graph(
                GraphTask.of(
                    "named",
                    "",
                    Scope.once(List.of("a")),
                    host ->
                        List.of(
                            new Gate(
                                "never",
                                sh("echo KINDLING-ERROR ENG-012 /var has 0 bytes; exit 2"),
                                Duration.ofMinutes(1),
                                EngineError.TIME_LIMIT)))));
    Finding finding = task(report, "named").finding();
    assertThat(finding).isEqualTo(Finding.of(EngineError.DISK_FULL, "/var has 0 bytes"));
  }

  @Test
  void aCommandWithoutEffectIsFoundByLookingAgain() throws Exception {
    RunReport report =
        apply(
            graph(
                GraphTask.of(
                    "idle",
                    "",
                    Scope.once(List.of("a")),
                    host ->
                        List.of(
                            new Action(
                                "idle", Command.of("false"), List.of(Command.of("true")))))));
    assertThat(task(report, "idle").finding().error()).isEqualTo("ENG-010");
  }

  @Test
  void aFailedHostIsSetAsideAndTheRestGoesOnWhereTheRoleAllows() throws Exception {
    rack.machine("b").down(true);
    Graph graph =
        graph(
            GraphTask.of("first", "", parallel(), host -> List.of(mark(host, "1"))).mayFail(1),
            GraphTask.of("second", "", parallel(), host -> List.of(mark(host, "2")), "first")
                .mayFail(1));
    RunReport report = apply(graph);
    assertThat(report.good()).isTrue();
    assertThat(report.whole()).isFalse();
    assertThat(report.setAside()).containsOnlyKeys("b");
    assertThat(report.setAside().get("b").error()).isEqualTo("ENG-001");
    assertThat(statuses(report, "second"))
        .containsExactly(Status.CHANGED, Status.SKIPPED, Status.CHANGED);

    rack.machine("b").down(false);
    RunReport resumed = apply(graph);
    assertThat(resumed.whole()).isTrue();
    assertThat(resumed.changes()).isEqualTo(2);
    assertThat(statuses(resumed, "second"))
        .containsExactly(Status.UNCHANGED, Status.CHANGED, Status.UNCHANGED);
  }

  @Test
  void aQuorumRoleGoesOnOnlyWhole() throws Exception {
    rack.machine("b").down(true);
    Graph graph =
        graph(
            GraphTask.of("mons", "", parallel(), host -> List.of(mark(host, "1"))),
            GraphTask.of("after", "", parallel(), host -> List.of(mark(host, "2")), "mons"),
            GraphTask.of("apart", "", Scope.once(List.of("a")), host -> List.of(mark(host, "3"))));
    RunReport report = apply(graph);
    assertThat(report.good()).isFalse();
    assertThat(task(report, "mons").finding().text()).contains("ENG-001").contains("b:");
    assertThat(task(report, "after").finding().error()).isEqualTo("ENG-017");
    assertThat(Path.of(rack.path("a", "2"))).doesNotExist();
    assertThat(Path.of(rack.path("a", "3"))).exists();
  }

  @Test
  void whatIsToBeDoneOnceIsDoneByTheFirstHostThatCanBeReached() throws Exception {
    rack.machine("a").down(true);
    RunReport report =
        apply(
            graph(
                GraphTask.of(
                    "once", "", Scope.once(rack.names()), host -> List.of(mark(host, "1")))));
    assertThat(report.good()).isTrue();
    assertThat(report.setAside()).containsOnlyKeys("a");
    assertThat(Path.of(rack.path("b", "1"))).exists();
    assertThat(Path.of(rack.path("c", "1"))).doesNotExist();
  }

  @Test
  void aSerialTaskRunsOneHostAtATimeAndStopsAtTheFirstFailure() throws Exception {
    var events = Collections.synchronizedList(new ArrayList<String>());
    Graph graph =
        graph(
            GraphTask.of(
                "one",
                "",
                Scope.serial(rack.names()),
                host -> List.of(host.equals("b") ? failing() : mark(host, "1"))));
    var report =
        engine(time, outcomes)
            .run(
                graph,
                rack.hosts,
                Mode.APPLY,
                new RunListener() {
                  @Override
                  public void hostEnded(String phase, String task, RunReport.HostReport host) {
                    events.add(host.host());
                  }
                },
                new Cancellation());
    assertThat(events).containsExactly("a", "b");
    assertThat(statuses(report, "one"))
        .containsExactly(Status.CHANGED, Status.FAILED, Status.SKIPPED);
  }

  @Test
  void aCommandRunsOnceThoughTheConnectionBreaksInTheMiddle() throws Exception {
    var cuts = new java.util.concurrent.atomic.AtomicInteger();
    rack.machine("a").cutAfter(line -> line.equals("middle") && cuts.getAndIncrement() == 0);
    String ran = rack.path("a", "ran");
    Files.createDirectories(Path.of(ran).getParent());
    RunReport report =
        apply(
            graph(
                GraphTask.of(
                    "long",
                    "",
                    Scope.once(List.of("a")),
                    host ->
                        List.of(
                            new Action(
                                "long",
                                sh("[ -e " + ran + ".done ]"),
                                List.of(
                                    sh(
                                        "echo x >>"
                                            + ran
                                            + "; echo middle; sleep 1; touch "
                                            + ran
                                            + ".done")))))));
    assertThat(report.whole()).isTrue();
    assertThat(cuts.get()).isEqualTo(1);
    assertThat(Path.of(ran)).content().isEqualTo("x\n");
    assertThat(rack.machine("a").connections()).isEqualTo(2);
    assertThat(said()).contains("connection lost");
  }

  @Test
  void oneConnectionServesAllTasksOfAHost() throws Exception {
    var tasks = new ArrayList<GraphTask>();
    for (int i = 0; i < 10; i++) {
      String name = "t" + i;
      tasks.add(GraphTask.of(name, "", parallel(), host -> List.of(mark(host, name))));
    }
    apply(new Graph("test", tasks, List.of()));
    assertThat(rack.machine("a").connections()).isEqualTo(1);
  }

  @Test
  void aRunThatIsCancelledEndsTheCommandOnTheHost() throws Exception {
    var cancellation = new Cancellation();
    String mark = rack.path("a", "late");
    Graph graph =
        graph(
            GraphTask.of(
                "slow",
                "",
                Scope.once(List.of("a")),
                host ->
                    List.of(
                        new Action(
                            "slow",
                            Command.of("test", "-e", mark),
                            List.of(sh("echo begun; sleep 60; touch " + mark))))),
            GraphTask.of("next", "", Scope.once(List.of("b")), h -> List.of(mark(h, "1")), "slow"));
    log.onLine(line -> {
      if (line.equals("begun")) {
        Thread.startVirtualThread(cancellation::cancel);
      }
    });
    RunReport report =
        engine(Sleeper.real(), outcomes)
            .run(graph, rack.hosts, Mode.APPLY, RunListener.SILENT, cancellation);
    assertThat(task(report, "slow").finding().error()).isEqualTo("ENG-007");
    assertThat(report.good()).isFalse();
    assertThat(Path.of(rack.path("b", "1"))).doesNotExist();
    assertThat(said()).contains("stopping job test.slow");
  }

  @Test
  void aTaskPastItsLimitIsStoppedAndNamed() throws Exception {
    Graph graph =
        graph(
            GraphTask.of(
                    "slow",
                    "",
                    Scope.once(List.of("a")),
                    h ->
                        List.of(
                            new Action(
                                "slow", Command.of("false"), List.of(sh("echo on; sleep 60")))))
                .within(Duration.ofSeconds(1)));
    RunReport report =
        engine(Sleeper.real(), outcomes)
            .run(graph, rack.hosts, Mode.APPLY, RunListener.SILENT, new Cancellation());
    assertThat(task(report, "slow").finding().error()).isEqualTo("ENG-005");
    assertThat(said()).contains("stopping job test.slow");
  }

  @Test
  void anOutcomeIsStoredBeforeATaskThatWaitsForItBegins() throws Exception {
    var order = Collections.synchronizedList(new ArrayList<String>());
    OutcomeStore watched =
        new OutcomeStore() {
          @Override
          public List<Outcome> of(UUID node, int attempt) {
            return outcomes.of(node, attempt);
          }

          @Override
          public void record(Outcome outcome) {
            outcomes.record(outcome);
            order.add(outcome.task() + " " + outcome.status());
          }
        };
    Graph graph =
        graph(
            GraphTask.of("one", "", Scope.once(List.of("a")), h -> List.of(mark(h, "1"))),
            GraphTask.of("two", "", Scope.once(List.of("b")), h -> List.of(mark(h, "2")), "one"));
    engine(time, watched)
        .run(graph, rack.hosts, Mode.APPLY, RunListener.SILENT, new Cancellation());
    assertThat(order)
        .containsExactly("test/one STARTED", "test/one DONE", "test/two STARTED", "test/two DONE");
  }

  @Test
  void aStoreThatCannotWriteStopsTheRunBeforeAnythingIsDone() throws Exception {
    OutcomeStore broken =
        new OutcomeStore() {
          @Override
          public List<Outcome> of(UUID node, int attempt) {
            return List.of();
          }

          @Override
          public void record(Outcome outcome) {
            throw new IllegalStateException("disk full");
          }
        };
    RunReport report =
        engine(time, broken)
            .run(
                graph(GraphTask.of("one", "", parallel(), h -> List.of(mark(h, "1")))),
                rack.hosts,
                Mode.APPLY,
                RunListener.SILENT,
                new Cancellation());
    assertThat(report.setAside().get("a").error()).isEqualTo("ENG-009");
    assertThat(Path.of(rack.path("a", "1"))).doesNotExist();
  }

  private String said() {
    return String.join("\n", log.texts());
  }

  private Engine engine(Sleeper sleeper, OutcomeStore store) {
    Clock clock = sleeper == time ? time : Clock.systemUTC();
    return new Engine(store, rack, log, clock, sleeper, EngineSettings.standard());
  }

  private RunReport apply(Graph graph) throws InterruptedException {
    return run(graph, Mode.APPLY);
  }

  private RunReport run(Graph graph, Mode mode) throws InterruptedException {
    return engine(time, outcomes)
        .run(graph, rack.hosts, mode, RunListener.SILENT, new Cancellation());
  }

  private static Graph graph(GraphTask... tasks) {
    return new Graph("test", List.of(tasks), List.of(EngineError.values()));
  }

  private Scope parallel() {
    return Scope.parallel(rack.names());
  }

  private List<Item> conf(String host) {
    return List.of(
        new ManagedFile(
            rack.path(host, "etc/it.conf"),
            ME,
            group(),
            "0640",
            "# a 'quoted' $(file)\nkey = " + host + "\n",
            List.of()));
  }

  private Item mark(String host, String name) {
    String path = rack.path(host, name);
    Function<String, Command> touch = p -> Command.of("touch", p);
    try {
      Files.createDirectories(Path.of(path).getParent());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return new Action("mark " + name, Command.of("test", "-e", path), List.of(touch.apply(path)));
  }

  private static Item failing() {
    return new Action("fails", Command.of("false"), List.of(Command.of("false")));
  }

  private static Command sh(String text) {
    return Command.of("sh", "-c", text);
  }

  private static String group() {
    try {
      Process id = new ProcessBuilder("id", "-gn").start();
      return new String(id.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
          .strip();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static RunReport.TaskReport task(RunReport report, String name) {
    return report.tasks().stream().filter(t -> t.task().equals(name)).findFirst().orElseThrow();
  }

  private static List<Status> statuses(RunReport report, String name) {
    return task(report, name).hosts().stream().map(RunReport.HostReport::status).toList();
  }

  private static RunReport.HostReport hostReport(RunReport report, String task, String host) {
    return task(report, task).hosts().stream()
        .filter(h -> h.host().equals(host))
        .findFirst()
        .orElseThrow();
  }
}
