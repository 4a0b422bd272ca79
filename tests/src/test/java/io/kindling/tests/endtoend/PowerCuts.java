package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.release.Releases;
import io.kindling.inventory.Node;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.inventory.store.AccessTable;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.JdbcNodeStore;
import io.kindling.inventory.store.LeaseTable;
import io.kindling.inventory.store.SettingsTable;
import io.kindling.tests.rack.Commands;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Cuts the power of a recorded run again and again, and looks at what a disk then holds, by the
/// appliance's own classes.
///
/// A drive keeps what stands before its last flush; of what was written since it keeps some, whole
/// or torn, in any order. So that is what each cut leaves.
///
/// Not thread-safe.
final class PowerCuts {

  private final Path log;
  private final Path before;
  private final List<Told> told = new ArrayList<>();

  /// What the appliance told somebody.
  ///
  /// @param at how long the log of writes was afterwards
  private record Told(String what, long at, Predicate<State> kept) {}

  /// What a cut left.
  ///
  /// @param directory the appliance's state
  record State(
      Path directory,
      List<LeaseTable.Row> leases,
      List<Node> nodes,
      String cluster,
      List<String> tokens,
      List<String> releases) {}

  /// What all cuts came to.
  ///
  /// @param told how much the appliance had told in the whole run
  /// @param held how many of these had to be there, over all cuts
  /// @param lost how many entries of the log cuts left out, over all cuts
  record Outcome(int cuts, int told, long held, long lost) {}

  /// @param log of the writes to the disk
  /// @param before the disk as it was before the run; it goes along with the cuts
  PowerCuts(Path log, Path before) {
    this.log = log;
    this.before = before;
  }

  /// From here on a cut must leave this.
  void told(String what, Predicate<State> kept) throws IOException {
    told.add(new Told(what, Files.size(log), kept));
  }

  /// Looks at what so many cuts leave: half of them right after something was told, the others
  /// anywhere.
  Outcome cut(int cuts, long seed) throws IOException {
    var random = new Random(seed);
    long held = 0;
    long lost = 0;
    try (var writes = new WriteLog(log);
        FileChannel sure =
            FileChannel.open(before, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      List<WriteLog.Entry> entries = writes.entries();
      int settled = 0;
      for (int cut : places(entries, cuts, random)) {
        int flushed = cut;
        while (flushed > settled && !entries.get(flushed - 1).flush()) {
          flushed--;
        }
        for (; settled < flushed; settled++) {
          writes.apply(entries.get(settled), sure, Long.MAX_VALUE);
        }
        // Each its own file: the kernel may take its time to let go of the one before.
        Path left = before.resolveSibling("cut-" + cut + ".raw");
        Commands.run("cp", "--sparse=always", before.toString(), left.toString());
        try (FileChannel unsure = FileChannel.open(left, StandardOpenOption.WRITE)) {
          for (WriteLog.Entry entry : entries.subList(settled, cut)) {
            switch (random.nextInt(4)) {
              case 0 -> lost++;
              case 1 -> writes.apply(entry, unsure, torn(entry, random));
              default -> writes.apply(entry, unsure, Long.MAX_VALUE);
            }
          }
        }
        long at = cut == 0 ? 0 : entries.get(cut - 1).end();
        held +=
            look(left, at, "seed %d, cut at entry %d of %d".formatted(seed, cut, entries.size()));
      }
    }
    return new Outcome(cuts, told.size(), held, lost);
  }

  private static long torn(WriteLog.Entry entry, Random random) {
    return entry.length() == 0 ? 0 : random.nextLong(entry.length()) / 512 * 512;
  }

  private TreeSet<Integer> places(List<WriteLog.Entry> entries, int cuts, Random random) {
    var places = new TreeSet<Integer>();
    for (Told one : told) {
      long after = entries.stream().filter(entry -> entry.end() <= one.at()).count();
      if (places.size() < cuts / 2) {
        places.add((int) after);
      }
    }
    assertThat(entries).hasSizeGreaterThan(cuts);
    while (places.size() < cuts) {
      places.add(random.nextInt(entries.size() + 1));
    }
    return places;
  }

  /// As the appliance's own start does (`/usr/lib/kindling/data`, then the service).
  ///
  /// @return how much had been told before
  private int look(Path left, long at, String where) throws IOException {
    Commands.Result checked =
        Commands.attempt(Duration.ofMinutes(2), List.of("e2fsck", "-p", left.toString()));
    assertThat(checked.status()).as(where + ": " + checked.output()).isLessThanOrEqualTo(2);
    Path data = Files.createDirectory(left.resolveSibling(left.getFileName() + ".mounted"));
    String device = Commands.run("losetup", "--find", "--show", left.toString()).strip();
    try {
      Commands.run("mount", "-t", "ext4", "-o", "noatime", device, data.toString());
      try {
        return judge(data, at, where);
      } finally {
        Commands.run("umount", data.toString());
      }
    } finally {
      Commands.run("losetup", "--detach", device);
      Files.delete(data);
      Files.delete(left);
    }
  }

  private int judge(Path data, long at, String where) throws IOException {
    Path directory = data.resolve("state");
    switch (Database.open(directory)) {
      case Database.Refused refused ->
          throw new AssertionError(where + ": " + refused.error() + " " + refused.reason());
      case Database.Opened opened -> {
        try (Database database = opened.database();
            var leases = new LeaseTable(database, Runnable::run)) {
          var state =
              new State(
                  directory,
                  leases.all(),
                  new JdbcNodeStore(database, new FactsParser()).all(),
                  new SettingsTable(database).get("cluster.yaml").orElse(""),
                  new AccessTable(database)
                      .credentials().stream()
                          .map(AccessTable.Credential::name)
                          .collect(Collectors.toList()),
                  new Releases(directory.resolve(Releases.DIRECTORY))
                      .all().stream().map(tree -> tree.id()).toList());
          List<Told> due = told.stream().filter(one -> one.at() <= at).toList();
          assertThat(due.stream().filter(one -> !one.kept().test(state)).map(Told::what))
              .as(where + ": lost")
              .isEmpty();
          return due.size();
        }
      }
    }
  }
}
