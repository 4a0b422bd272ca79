package io.kindling.postinstall.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.FakeTime;
import io.kindling.postinstall.ImageHooks;
import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.InstallSettings;
import io.kindling.postinstall.Plans;
import io.kindling.postinstall.TaskContext;
import io.kindling.postinstall.TaskResult;
import io.kindling.postinstall.TaskResult.Done;
import io.kindling.postinstall.TaskResult.Failed;
import io.kindling.postinstall.ssh.LocalMachine;
import io.kindling.postinstall.ssh.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real `follow.sh` and `stop.sh`, in this machine's shell. Jobs wait for files, not for time.
class RemoteJobTest {

  @TempDir Path directory;

  private LocalMachine machine;
  private BootstrapLinks links;
  private final FakeTime time = new FakeTime();
  private final Cancellation cancellation = new Cancellation();
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private final List<Integer> percents = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void machine() {
    machine = new LocalMachine(directory.resolve("run"));
    links = new BootstrapLinks(machine, new ImageHooks(key -> {}));
  }

  @AfterEach
  void nothingIsLeftRunning() throws Exception {
    Files.writeString(directory.resolve("go"), "");
    machine.cut();
  }

  @Test
  void theOutputIsLoggedAndTheResultsAreReturned() throws Exception {
    var result =
        run("echo hello\necho 'KINDLING-PROGRESS 5 10'\necho 'KINDLING-RESULT hostKey=a = b'\n");
    assertThat(result).isEqualTo(new Done(Map.of("hostKey", "a = b")));
    assertThat(log).contains("hello").doesNotContain("KINDLING-PROGRESS 5 10");
    assertThat(percents).containsExactly(50);
  }

  @Test
  void aNamedErrorKeepsItsIdAndAKnownOneTellsTheCure() throws Exception {
    assertThat(run("echo 'KINDLING-ERROR KSG-007 disk $x has another size'; exit 1\n"))
        .isEqualTo(new Failed("KSG-007", "disk $x has another size"));
    var failed = (Failed) run("echo 'KINDLING-ERROR INS-021 no route'; exit 1\n");
    assertThat(failed.error()).isEqualTo("INS-021");
    assertThat(failed.reason())
        .contains("no route", InstallError.IMAGE_FETCH.cure(), InstallError.IMAGE_FETCH.summary());
  }

  @Test
  void anUnnamedFailureTellsExitCodeAndLastLines() throws Exception {
    var failed = (Failed) run("seq 1 9; echo oops >&2; exit 3\n");
    assertThat(failed.error()).isEqualTo("INS-006");
    assertThat(failed.reason()).contains("exit 3. 7 / 8 / 9 / oops");
  }

  @Test
  void aScriptRunsAgainWhenAskedAgainAfterItEnded() throws Exception {
    String count = "echo x >>" + path("count") + "\n";
    run(count);
    run(count);
    assertThat(directory.resolve("count")).hasContent("x\nx");
  }

  @Test
  void aLostConnectionIsOpenedAgainAndNoLineIsMissedOrSeenTwice() throws Exception {
    machine.cutAfter(line -> line.equals("3"));
    time.onSleep(() -> touch("go"));
    var result =
        run(
            "echo x >>"
                + path("count")
                + "\nseq 1 3\n"
                + waitFor("go")
                + "seq 4 6\necho KINDLING-RESULT a=b\n");
    assertThat(result).isEqualTo(new Done(Map.of("a", "b")));
    assertThat(log)
        .filteredOn(l -> l.matches("[0-9]"))
        .containsExactly("1", "2", "3", "4", "5", "6");
    assertThat(directory.resolve("count")).hasContent("x");
    assertThat(machine.connections()).isEqualTo(2);
  }

  @Test
  void aJobThatEndsWhileNobodyLooksIsNotRunAgain() throws Exception {
    machine.cutAfter(line -> line.equals("begun"));
    time.onSleep(() -> {
      touch("go");
      awaitFile("run/jobs/image/rc");
    });
    var result =
        run(
            "echo x >>"
                + path("count")
                + "\necho begun\n"
                + waitFor("go")
                + "echo ended; exit 4\n");
    assertThat(((Failed) result).reason()).contains("exit 4");
    assertThat(log).contains("begun", "ended");
    assertThat(directory.resolve("count")).hasContent("x");
  }

  @Test
  void anotherApplianceThatResumesJoinsTheRunningJob() throws Exception {
    String script =
        "echo x >>"
            + path("count")
            + "\necho begun\n"
            + waitFor("go")
            + "echo KINDLING-RESULT a=b\n";
    machine.cutAfter(line -> line.equals("begun"));
    // The first appliance is killed: its thread never comes back from waiting.
    time.onSleep(() -> {
      throw new IllegalStateException("killed");
    });
    try {
      run(script);
    } catch (IllegalStateException killed) {
      // as a kill would
    }
    machine.cutAfter(line -> false);
    time.onSleep(() -> {});
    var second = new BootstrapLinks(machine, new ImageHooks(key -> {}));
    var releaser =
        Thread.startVirtualThread(() -> {
          awaitLine("begun", 2);
          touch("go");
        });
    var result = new RemoteJob(second).run(context(), "image", script, InstallError.SCRIPT_FAILED);
    releaser.join();
    assertThat(result).isEqualTo(new Done(Map.of("a", "b")));
    assertThat(directory.resolve("count")).hasContent("x");
    second.drop();
  }

  @Test
  void aJobOfAnEarlierAttemptIsEndedFirst() throws Exception {
    machine.cutAfter(line -> line.equals("old"));
    time.onSleep(() -> {
      throw new IllegalStateException("killed");
    });
    try {
      run("echo old\n" + waitFor("never") + "touch " + path("old-ended") + "\n");
    } catch (IllegalStateException killed) {
      // as a kill would
    }
    time.onSleep(() -> {});
    var plan = Plans.plan();
    var next =
        new io.kindling.postinstall.InstallPlan(
            plan.node(),
            2,
            plan.bootstrap(),
            plan.disks(),
            plan.script(),
            plan.image(),
            plan.system(),
            plan.entry());
    var c = context();
    var second =
        new TaskContext(
            next,
            c.results(),
            c.log(),
            c.percent(),
            c.cancellation(),
            c.clock(),
            c.sleeper(),
            c.settings());
    assertThat(new RemoteJob(links).run(second, "wipe", "echo new\n", InstallError.SCRIPT_FAILED))
        .isEqualTo(TaskResult.done());
    assertThat(log).anyMatch(l -> l.startsWith("stopping job image of attempt")).contains("new");
    assertThat(directory.resolve("old-ended")).doesNotExist();
  }

  @Test
  void stoppingOnRequestEndsTheJobOnTheNode() throws Exception {
    var stopper =
        Thread.startVirtualThread(() -> {
          awaitLine("begun", 1);
          cancellation.cancel();
        });
    var result = run("echo begun\n" + waitFor("never") + "echo after\n");
    stopper.join();
    assertThat(((Failed) result).error()).isEqualTo("INS-007");
    assertThat(log).contains("stopping job image").doesNotContain("after");
  }

  @Test
  void aJobPastItsLimitIsEndedAndNamed() throws Exception {
    var settings =
        new InstallSettings(
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Map.of("image", Duration.ofMillis(300)),
            22);
    var result =
        new RemoteJob(links)
            .run(context(settings), "image", waitFor("never"), InstallError.SCRIPT_FAILED);
    assertThat(((Failed) result).error()).isEqualTo("INS-005");
    assertThat(log).contains("stopping job image");
  }

  @Test
  void aNodeThatStaysAwayIsANamedErrorAfterTheLimit() throws Exception {
    machine.down(true);
    var result = run("true\n");
    assertThat(((Failed) result).error()).isEqualTo("INS-001");
    assertThat(time.slept())
        .startsWith(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4))
        .allSatisfy(d -> assertThat(d).isLessThanOrEqualTo(Duration.ofSeconds(15)));
    assertThat(log).containsExactly("no connection yet: down");
  }

  @Test
  void aNodeThatComesBackInTimeGoesOn() throws Exception {
    machine.down(true);
    time.onSleep(() -> {
      if (time.slept().size() == 5) {
        machine.down(false);
      }
    });
    assertThat(run("true\n")).isEqualTo(TaskResult.done());
  }

  @Test
  void aConnectionThatIsLostAgainAndAgainIsANamedError() throws Exception {
    machine.cutAfter(line -> line.startsWith("KINDLING-RUN "));
    var result = run(waitFor("go"));
    assertThat(((Failed) result).error()).isEqualTo("INS-004");
  }

  private TaskResult run(String script) throws InterruptedException {
    return new RemoteJob(links).run(context(), "image", script, InstallError.SCRIPT_FAILED);
  }

  private TaskContext context() {
    return context(InstallSettings.defaults());
  }

  private TaskContext context(InstallSettings settings) {
    return new TaskContext(
        Plans.plan(), Map.of(), log::add, percents::add, cancellation, time, time, settings);
  }

  private String path(String name) {
    return Shell.quote(directory.resolve(name).toString());
  }

  private String waitFor(String name) {
    return "while [ ! -e " + path(name) + " ] && [ -d " + path("run") + " ]; do sleep 0.02; done\n";
  }

  private void touch(String name) {
    try {
      Files.writeString(directory.resolve(name), "");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void awaitFile(String name) {
    org.awaitility.Awaitility.await().until(() -> Files.exists(directory.resolve(name)));
  }

  private void awaitLine(String line, int times) {
    org.awaitility.Awaitility.await()
        .until(() -> log.stream().filter(line::equals).count() >= times);
  }
}
