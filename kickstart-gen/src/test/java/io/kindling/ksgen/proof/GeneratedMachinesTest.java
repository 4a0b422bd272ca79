package io.kindling.ksgen.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.ksgen.proof.Trial.LaidOut;
import io.kindling.ksgen.proof.Trial.Outcome;
import io.kindling.ksgen.proof.Trial.Refused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Machines × roles × rules out of seeds, judged by [Judge] from the script's own words.
class GeneratedMachinesTest {

  private static final int QUICK = 2_000;
  private static final int MANY = 120_000;
  private static final int BY_SFDISK = 12;

  @TempDir private Path dir;

  @Test
  void everyMachineIsLaidOutSoundlyOrRefusedByName() throws Exception {
    judge(0, QUICK, 200);
  }

  @Test
  @Tag("full")
  void soAreManyMore() throws Exception {
    judge(1_000_000, MANY, 2_000);
  }

  /// What is judged sound on paper is taken by the tool that makes it.
  @Test
  void theRealSfdiskMakesSomeOfThem() throws Exception {
    int made = 0;
    for (long seed = 0; made < BY_SFDISK; seed++) {
      Trial trial = Generator.trial(seed);
      if (!(trial.run() instanceof LaidOut laid)) {
        continue;
      }
      ScriptPlan plan = ScriptPlan.of(laid.script());
      if (plan.disks().size() > 5 || plan.disks().stream().anyMatch(GeneratedMachinesTest::isOdd)) {
        continue;
      }
      Path root = Files.createDirectories(dir.resolve("machine" + seed));
      var machine = new FakeMachine(root, laid.script());
      for (ScriptPlan.Disk disk : plan.disks()) {
        machine.plug(disk, disk.about().text("MODEL"), disk.about().text("SERIAL"));
      }
      ShellPlan.Result result = machine.run("sh", "--until=partitions");
      assertThat(result.code()).as("seed %d: %s", seed, result.out()).isZero();
      for (ScriptPlan.Disk disk : plan.disks()) {
        assertThat(machine.table(disk)).as("seed " + seed).isEqualTo(FakeMachine.planned(disk));
      }
      made++;
    }
  }

  /// Not to be made of a file here: kept partitions, names with a folder, more than ext4 can hold.
  private static boolean isOdd(ScriptPlan.Disk disk) {
    return !disk.kept().isEmpty()
        || disk.about().text("NAME").contains("!")
        || disk.links().isEmpty()
        || disk.about().number("BYTES") > 8L << 40;
  }

  private void judge(long first, int count, int shellEvery) throws Exception {
    long start = System.nanoTime();
    var refused = new ConcurrentSkipListMap<String, Integer>();
    var laidOut = new LongAdder();
    var drives = new LongAdder();
    var faulty = new ConcurrentSkipListMap<Long, List<String>>();
    LongStream.range(first, first + count)
        .parallel()
        .forEach(seed -> {
          Trial trial = Generator.trial(seed);
          List<String> faults = faults(trial, seed);
          if (!faults.isEmpty()) {
            faulty.put(seed, faults);
            return;
          }
          switch (trial.run()) {
            case LaidOut laid -> {
              laidOut.increment();
              drives.add(ScriptPlan.of(laid.script()).disks().size());
            }
            case Refused r -> refused.merge(r.id(), 1, Integer::sum);
          }
        });
    if (!faulty.isEmpty()) {
      long seed = faulty.firstKey();
      Trial least = Generator.trial(seed).shrunk(t -> !faults(t, seed).isEmpty());
      throw new AssertionError(
          "%d of %d, first seed %d: %s%nleast machine that shows a fault: %s%n%s"
              .formatted(faulty.size(), count, seed, faulty.get(seed), faults(least, seed), least));
    }
    for (long seed = first; seed < first + count; seed += shellEvery) {
      if (Generator.trial(seed).run() instanceof LaidOut laid) {
        assertThat(ShellPlan.of(laid.script(), "sh", dir).sameAs(ScriptPlan.of(laid.script())))
            .as("seed " + seed)
            .isTrue();
      }
    }
    System.out.printf(
        "%d machines: %d laid out (%d disks), refused %s, %.1f s%n",
        count, laidOut.sum(), drives.sum(), refused, (System.nanoTime() - start) / 1e9);
    assertThat(laidOut.sum()).as("refused: %s", refused).isGreaterThan(count / 3L);
    assertThat(refused).containsKeys("KSG-001", "KSG-002");
  }

  private static List<String> faults(Trial trial, long seed) {
    Outcome outcome;
    try {
      outcome = trial.run();
    } catch (RuntimeException e) {
      return List.of("threw " + e + " at " + List.of(e.getStackTrace()).subList(0, 4));
    }
    List<String> faults = trial.faults(outcome);
    return faults.isEmpty() && seed % 8 == 0 ? trial.repeated(outcome) : faults;
  }
}
