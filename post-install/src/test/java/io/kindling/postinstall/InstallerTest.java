package io.kindling.postinstall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.postinstall.InstallResult.Failed;
import io.kindling.postinstall.InstallResult.Installed;
import io.kindling.postinstall.Outcome.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstallerTest {

  private final InstallPlan plan = Plans.plan();
  private final MemoryOutcomeStore outcomes = new MemoryOutcomeStore();
  private final MemoryTaskLog log = new MemoryTaskLog();
  private final FakeTime time = new FakeTime();
  private final List<String> ran = new ArrayList<>();
  private final List<Progress> progress = new ArrayList<>();
  private final Cancellation cancellation = new Cancellation();

  @Test
  void theTasksRunInOrderAndTheirResultsAreReturned() throws Exception {
    var result = install(three(name -> new TaskResult.Done(Map.of(name + "-result", "1"))));
    assertThat(ran).containsExactly("a", "b", "c");
    assertThat(result)
        .isEqualTo(new Installed("", Map.of("a-result", "1", "b-result", "1", "c-result", "1")));
  }

  @Test
  void aTaskSeesWhatEarlierTasksRecorded() throws Exception {
    var seen = new ArrayList<Map<String, String>>();
    install(
        List.of(
            task("a", c -> new TaskResult.Done(Map.of("hostKey", "K"))),
            task(
                "b",
                c -> {
                  seen.add(c.results());
                  return TaskResult.done();
                })));
    assertThat(seen).containsExactly(Map.of("hostKey", "K"));
  }

  @Test
  void eachOutcomeIsRecordedBeforeTheNextStepBegins() throws Exception {
    var at = new ArrayList<String>();
    Function<TaskContext, TaskResult> look =
        c -> {
          outcomes.of(plan.node(), 1).forEach(o -> at.add(o.task() + " " + o.status()));
          at.add("--");
          return TaskResult.done();
        };
    install(List.of(task("a", look), task("b", look)));
    assertThat(at).containsExactly("a STARTED", "--", "a DONE", "b STARTED", "--");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whatWasInterruptedInATaskGoesOnWithThatTask(int last) throws Exception {
    var names = List.of("a", "b", "c");
    assertThatThrownBy(() ->
            install(
                three(name -> {
                  if (name.equals(names.get(last))) {
                    throw new AssertionError("killed");
                  }
                  return new TaskResult.Done(Map.of(name, "kept"));
                })))
        .hasMessage("killed");
    assertThat(status(names.get(last))).isEqualTo(Status.STARTED);
    ran.clear();
    var result = install(three(name -> TaskResult.done()));
    assertThat(ran).containsExactlyElementsOf(names.subList(last, 3));
    assertThat(((Installed) result).results())
        .containsOnlyKeys(names.subList(0, last).toArray(String[]::new));
  }

  @Test
  void aFailureStopsAndIsNamedAndIsRunAgainNextTime() throws Exception {
    var failure = new TaskResult.Failed("KSG-004", "disk sda has another size");
    var result = install(three(name -> name.equals("b") ? failure : TaskResult.done()));
    assertThat(result).isEqualTo(new Failed("b", "KSG-004", "disk sda has another size"));
    assertThat(ran).containsExactly("a", "b");
    assertThat(outcomes.of(plan.node(), 1).getLast().detail())
        .isEqualTo("KSG-004 disk sda has another size");
    ran.clear();
    assertThat(install(three(name -> TaskResult.done()))).isInstanceOf(Installed.class);
    assertThat(ran).containsExactly("b", "c");
  }

  @Test
  void aBrokenTaskIsAFailureOfTheApplianceNotACrash() throws Exception {
    var result =
        install(
            three(name -> {
              throw new IllegalStateException("bug");
            }));
    assertThat(result).isInstanceOf(Failed.class);
    assertThat(((Failed) result).error()).isEqualTo("INS-008");
    assertThat(status("a")).isEqualTo(Status.FAILED);
  }

  @Test
  void nothingGoesOnWhenAnOutcomeCannotBeRecorded() throws Exception {
    OutcomeStore full =
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
    var result =
        installer(full, three(name -> TaskResult.done())).install(plan, p -> {}, cancellation);
    assertThat(((Failed) result).error()).isEqualTo("INS-009");
    assertThat(ran).isEmpty();
  }

  @Test
  void stoppingOnRequestEndsBeforeTheNextTask() throws Exception {
    var result =
        install(
            three(name -> {
              cancellation.cancel();
              return TaskResult.done();
            }));
    assertThat(result).isInstanceOf(Failed.class);
    assertThat(((Failed) result).error()).isEqualTo("INS-007");
    assertThat(ran).containsExactly("a");
  }

  @Test
  void theLogNamesEachTaskWhenItStartsAndEnds() throws Exception {
    install(
        three(name ->
            name.equals("b") ? new TaskResult.Failed("INS-006", "why") : TaskResult.done()));
    assertThat(log.texts())
        .containsExactly(
            "task-started a (1 of 3)",
            "task-done a",
            "task-started b (2 of 3)",
            "task-failed b INS-006 why");
  }

  @Test
  void progressTellsTaskNumberAndPercent() throws Exception {
    install(
        List.of(
            task(
                "image",
                c -> {
                  c.percent().accept(40);
                  return TaskResult.done();
                })));
    assertThat(progress)
        .containsExactly(
            new Progress(plan.node(), 1, "image", 1, 1, null),
            new Progress(plan.node(), 1, "image", 1, 1, 40));
  }

  private List<Task> three(Function<String, TaskResult> body) {
    return List.of(
        task("a", c -> body.apply("a")),
        task("b", c -> body.apply("b")),
        task("c", c -> body.apply("c")));
  }

  private Task task(String name, Function<TaskContext, TaskResult> body) {
    return new Task() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public TaskResult run(TaskContext context) {
        ran.add(name);
        return body.apply(context);
      }
    };
  }

  private Status status(String task) {
    return outcomes.of(plan.node(), 1).stream()
        .filter(o -> o.task().equals(task))
        .findFirst()
        .orElseThrow()
        .status();
  }

  private InstallResult install(List<Task> tasks) throws InterruptedException {
    return installer(outcomes, tasks).install(plan, progress::add, cancellation);
  }

  private Installer installer(OutcomeStore store, List<Task> tasks) {
    return new Installer(
        store,
        log,
        time,
        time,
        InstallSettings.defaults(),
        p ->
            new Installer.Tasks() {
              @Override
              public List<Task> list() {
                return tasks;
              }

              @Override
              public void close() {}
            });
  }
}
