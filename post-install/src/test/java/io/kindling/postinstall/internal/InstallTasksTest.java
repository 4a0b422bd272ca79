package io.kindling.postinstall.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.FakeTime;
import io.kindling.postinstall.ImageHooks;
import io.kindling.postinstall.InstallHooks;
import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.InstallResult;
import io.kindling.postinstall.InstallResult.Failed;
import io.kindling.postinstall.InstallResult.Installed;
import io.kindling.postinstall.InstallSettings;
import io.kindling.postinstall.Installer;
import io.kindling.postinstall.InstallerReport;
import io.kindling.postinstall.MemoryOutcomeStore;
import io.kindling.postinstall.MemoryTaskLog;
import io.kindling.postinstall.Outcome;
import io.kindling.postinstall.Outcome.Status;
import io.kindling.postinstall.Plans;
import io.kindling.postinstall.internal.ScriptedNode.Running;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole installation against a node that only answers.
class InstallTasksTest {

  private final ScriptedNode node = new ScriptedNode();
  private final MemoryOutcomeStore outcomes = new MemoryOutcomeStore();
  private final MemoryTaskLog log = new MemoryTaskLog();
  private final FakeTime time = new FakeTime();

  @Test
  void aNodeIsInstalledInTheOrderOfTheTasks() throws Exception {
    var result = install(Plans.plan());
    assertThat(result).isInstanceOf(Installed.class);
    assertThat(((Installed) result).hostKey()).isEqualTo(ScriptedNode.HOST_KEY);
    assertThat(((Installed) result).results())
        .containsEntry("bootId", "old")
        .containsEntry("systemState", "running");
    assertThat(outcomes.of(Plans.NODE, 1))
        .extracting(Outcome::task)
        .containsExactlyElementsOf(Installer.TASKS);
    assertThat(node.done.stream().filter(d -> !d.startsWith("connect ")))
        .containsExactly(
            "check-disks",
            "wipe",
            "partition",
            "image",
            "boot-loader",
            "configure",
            "systemOnDisk " + ScriptedNode.HOST_KEY,
            "reboot",
            "verify");
    assertThat(node.done).contains("connect kindling@10.20.0.10");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "check-disks",
        "wipe",
        "partition",
        "image",
        "boot-loader",
        "configure",
        "reboot",
        "verify"
      })
  void anApplianceKilledInATaskGoesOnWithIt(String task) throws Exception {
    var killed = new Killed(task);
    try {
      install(Plans.plan(), killed);
    } catch (AssertionError e) {
      assertThat(e).hasMessage("killed");
    }
    node.done.removeIf(d -> d.startsWith("connect "));
    var before = List.copyOf(node.done);
    assertThat(install(Plans.plan())).isInstanceOf(Installed.class);
    assertThat(
            before.stream().filter("wipe"::equals).count()
                + node.done.subList(before.size(), node.done.size()).stream()
                    .filter("wipe"::equals)
                    .count())
        .as("wiped once")
        .isEqualTo(1);
    assertThat(outcomes.of(Plans.NODE, 1)).extracting(Outcome::status).containsOnly(Status.DONE);
  }

  @Test
  void aNodeThatRestartedBeforeItsAnswerCameIsFoundInItsSystem() throws Exception {
    node.loseRebootAnswer = true;
    var result = install(Plans.plan());
    assertThat(result).isInstanceOf(Installed.class);
    assertThat(node.done.stream().filter("reboot"::equals)).hasSize(1);
    assertThat(log.texts()).contains("the installed system answers already");
  }

  @Test
  void anApplianceThatDiedAfterTheRebootFindsTheInstalledSystem() throws Exception {
    for (String task : Installer.TASKS.subList(0, 6)) {
      record(task, Status.DONE);
    }
    record("reboot", Status.STARTED);
    node.running = Running.SYSTEM;
    assertThat(install(Plans.plan())).isInstanceOf(Installed.class);
    assertThat(node.done).doesNotContain("reboot").contains("verify");
  }

  @Test
  void aNodeThatBootsTheBootstrapAgainIsNamedAfterTheLimit() throws Exception {
    node.afterReboot = Running.BOOTSTRAP;
    var failed = (Failed) install(Plans.plan());
    assertThat(failed.task()).isEqualTo("verify");
    assertThat(failed.error()).isEqualTo("INS-061");
    assertThat(failed.reason()).contains("the bootstrap's key");
  }

  @Test
  void aNodeThatNeverAnswersIsNamedAfterTheLimit() throws Exception {
    node.bootTakes = Integer.MAX_VALUE;
    var failed = (Failed) install(Plans.plan());
    assertThat(failed.task()).isEqualTo("verify");
    assertThat(failed.error()).isEqualTo("INS-060");
    assertThat(failed.reason()).contains("no answer");
  }

  @Test
  void aSystemThatIsNotAsPlannedIsAFailureWithItsReason() throws Exception {
    node.lines.put("verify", List.of("KINDLING-ERROR INS-063 / is file system A, planned is B"));
    node.codes.put("verify", 1);
    var failed = (Failed) install(Plans.plan());
    assertThat(failed.task()).isEqualTo("verify");
    assertThat(failed.error()).isEqualTo("INS-063");
    assertThat(failed.reason()).contains("/ is file system A, planned is B");
  }

  @Test
  void theScriptsOwnRefusalEndsTheInstallBeforeTheWipe() throws Exception {
    node.lines.put("check-disks", List.of("KINDLING-ERROR KSG-004 sda has another size"));
    node.codes.put("check-disks", 1);
    assertThat(install(Plans.plan()))
        .isEqualTo(new Failed("check-disks", "KSG-004", "sda has another size"));
    assertThat(node.done).containsExactly("check-disks");
  }

  @Test
  void aValueThatWillNotDoStopsBeforeTheNodeIsTouched() throws Exception {
    var failed = (Failed) install(Plans.plan(Plans.settings("node'; reboot")));
    assertThat(failed.task()).isEqualTo("check-disks");
    assertThat(failed.error()).isEqualTo("INS-010");
    assertThat(failed.reason()).contains("node'; reboot");
    assertThat(node.done).isEmpty();
  }

  @Test
  void theAnswerIsTurnedBeforeTheNodeRestartsAndAgainOnResume() throws Exception {
    node.codes.put("reboot", 1);
    install(Plans.plan());
    node.running = Running.BOOTSTRAP;
    node.codes.clear();
    install(Plans.plan());
    assertThat(node.done.stream().filter(d -> d.startsWith("systemOnDisk"))).hasSize(2);
  }

  private void record(String task, Status status) {
    outcomes.record(
        new Outcome(
            Plans.NODE,
            1,
            task,
            status,
            time.instant(),
            "",
            task.equals("configure") ? Map.of("hostKey", ScriptedNode.HOST_KEY) : Map.of()));
  }

  @Test
  void aReleasesInstallerIsBootedAndItsReportAwaited() throws Exception {
    node.lines.put("installer", List.of("KINDLING-RESULT bootId=old"));
    var hooks = new Reporting(new InstallerReport.Installed(ScriptedNode.HOST_KEY), 3);
    var result = install(Plans.kickstart(), outcomes, hooks);
    assertThat(result).isInstanceOf(Installed.class);
    assertThat(((Installed) result).hostKey()).isEqualTo(ScriptedNode.HOST_KEY);
    assertThat(outcomes.of(Plans.NODE, 1))
        .extracting(Outcome::task)
        .containsExactlyElementsOf(Installer.KICKSTART_TASKS);
    assertThat(node.done.stream().filter(d -> !d.startsWith("connect ")))
        .containsExactly(
            "check-disks", "wipe", "partition", "installerNext", "installer", "verify");
  }

  @Test
  void whatTheInstallerFailedAtIsTheNodesErrorAndResumingBootsItAgain() throws Exception {
    var hooks = new Reporting(new InstallerReport.Failed("KSG-163 /dev/sdb, partition 2"), 1);
    var failed = (Failed) install(Plans.kickstart(), outcomes, hooks);
    assertThat(failed.task()).isEqualTo("installer");
    assertThat(failed.error()).isEqualTo("INS-045");
    assertThat(failed.reason()).contains("KSG-163 /dev/sdb, partition 2");
    node.running = Running.BOOTSTRAP;
    var again = new Reporting(new InstallerReport.Installed(ScriptedNode.HOST_KEY), 1);
    assertThat(install(Plans.kickstart(), outcomes, again)).isInstanceOf(Installed.class);
    assertThat(node.done.stream().filter("installer"::equals)).hasSize(2);
    assertThat(node.done.stream().filter("wipe"::equals)).hasSize(1);
  }

  @Test
  void anInstallerThatSaysNothingIsNamedAfterTheLimit() throws Exception {
    var failed =
        (Failed)
            install(
                Plans.kickstart(),
                outcomes,
                new Reporting(new InstallerReport.Failed(""), 100_000));
    assertThat(failed.error()).isEqualTo("INS-005");
    assertThat(failed.reason()).contains("no report of the installer within 120 min.");
    assertThat(node.done.stream().filter("installer"::equals)).hasSize(1);
  }

  @Test
  void anApplianceThatDiedWhileTheInstallerWorkedTakesItsReport() throws Exception {
    for (String task : Installer.KICKSTART_TASKS.subList(0, 3)) {
      record(task, Status.DONE);
    }
    record("installer", Status.STARTED);
    node.running = Running.SYSTEM;
    var hooks = new Reporting(new InstallerReport.Installed(ScriptedNode.HOST_KEY), 0);
    assertThat(install(Plans.kickstart(), outcomes, hooks)).isInstanceOf(Installed.class);
    assertThat(node.done).doesNotContain("installerNext", "installer");
  }

  @Test
  void aMachineThatSomebodyIsToStartIsWaitedForBeyondTheLimit() throws Exception {
    node.running = Running.NOTHING;
    node.afterReboot = Running.BOOTSTRAP;
    node.bootTakes = Integer.MAX_VALUE;
    var starting = new Starting(Duration.ofMinutes(60));
    install(Plans.plan(), outcomes, starting);
    assertThat(starting.longest).isGreaterThan(Duration.ofMinutes(45));
    assertThat(starting.over).isPositive();
    assertThat(node.done).contains("check-disks");
  }

  @Test
  void nobodyIsWaitedForWithoutEnd() throws Exception {
    node.running = Running.NOTHING;
    node.bootTakes = Integer.MAX_VALUE;
    var starting = new Starting(Duration.ofDays(1));
    var failed = (Failed) install(Plans.plan(), outcomes, starting);
    assertThat(failed.error()).isEqualTo("INS-001");
    assertThat(starting.longest)
        .isBetween(
            InstallSettings.BY_HAND,
            InstallSettings.BY_HAND.plus(InstallSettings.defaults().reconnect()).plusMinutes(1));
    assertThat(starting.over).isEqualTo(1);
  }

  /// Asks a person, who starts the machine after that time.
  private final class Starting implements InstallHooks {
    private final Duration patience;
    private Duration longest = Duration.ZERO;
    private int over;

    Starting(Duration patience) {
      this.patience = patience;
    }

    @Override
    public void systemOnDisk(InstallPlan plan, String hostKey) {
      node.afterReboot = Running.SYSTEM;
      node.bootTakes = 0;
    }

    @Override
    public void installerNext(InstallPlan plan) {
      throw new AssertionError("an image is installed by the bootstrap");
    }

    @Override
    public boolean startAwaited(InstallPlan plan, Duration away) {
      longest = away.compareTo(longest) > 0 ? away : longest;
      if (away.compareTo(patience) >= 0) {
        node.bootTakes = 0;
      }
      return true;
    }

    @Override
    public void startOver(InstallPlan plan) {
      over++;
    }
  }

  /// Reports when it was asked that often since the installer was ordered.
  private final class Reporting implements InstallHooks {
    private final InstallerReport report;
    private int asked;
    private int after;

    Reporting(InstallerReport report, int after) {
      this.report = report;
      this.after = after;
    }

    @Override
    public void systemOnDisk(InstallPlan plan, String hostKey) {
      throw new AssertionError("a kickstart's system is told of by its report");
    }

    @Override
    public void installerNext(InstallPlan plan) {
      node.done.add("installerNext");
      asked = 0;
    }

    @Override
    public java.util.Optional<InstallerReport> installerReport(InstallPlan plan) {
      return asked++ >= after ? java.util.Optional.of(report) : java.util.Optional.empty();
    }
  }

  private InstallResult install(InstallPlan plan) throws InterruptedException {
    return install(plan, outcomes);
  }

  private InstallResult install(InstallPlan plan, io.kindling.postinstall.OutcomeStore store)
      throws InterruptedException {
    return install(plan, store, new ImageHooks(key -> node.done.add("systemOnDisk " + key)));
  }

  private InstallResult install(
      InstallPlan plan, io.kindling.postinstall.OutcomeStore store, InstallHooks hooks)
      throws InterruptedException {
    return new Installer(store, node, log, hooks, time, time, InstallSettings.defaults())
        .install(plan, p -> {}, new Cancellation());
  }

  /// Dies when that task's start was recorded, as by a kill on its log event.
  private final class Killed implements io.kindling.postinstall.OutcomeStore {

    private final String task;

    Killed(String task) {
      this.task = task;
    }

    @Override
    public List<Outcome> of(UUID id, int attempt) {
      return outcomes.of(id, attempt);
    }

    @Override
    public void record(Outcome outcome) {
      outcomes.record(outcome);
      if (outcome.task().equals(task)) {
        throw new AssertionError("killed");
      }
    }
  }
}
