package io.kindling.inventory.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the kernel sees: strace shows a sync of the database file before each acknowledgement.
@Tag("rack")
class SyncBeforeAcknowledgeRackTest {
  private static final int COMMITS = 20;

  @TempDir Path dir;

  @Test
  void theDatabaseFileIsSyncedBeforeEachAcknowledgement() throws Exception {
    Path trace = dir.resolve("trace");
    List<String> strace =
        List.of(
            "strace",
            "-f",
            "-y",
            "-e",
            "trace=fsync,fdatasync,msync,write,pwrite64",
            "-o",
            trace.toString());
    try (ChildJvm child =
        ChildJvm.start(
            strace, OneByOne.class, dir.resolve("state").toString(), String.valueOf(COMMITS))) {
      assertThat(child.waitFor()).isZero();
    }
    int acknowledged = 0;
    boolean written = false;
    boolean synced = false;
    for (String line : Files.readAllLines(trace)) {
      if (line.contains("write") && line.contains("kindling.mv.db")) {
        written = true;
        synced = false;
      } else if (line.matches(".*(fsync|fdatasync|msync)\\(.*kindling\\.mv\\.db.*")) {
        synced = written;
      } else if (line.contains("write(1<") && line.contains("done ")) {
        assertThat(synced).as("synced before: %s", line).isTrue();
        acknowledged++;
        written = false;
        synced = false;
      }
    }
    assertThat(acknowledged).isEqualTo(COMMITS);
  }

  /// Commits one lease after the other.
  static final class OneByOne {
    private OneByOne() {}

    public static void main(String[] args) {
      try (Database database = TestDatabases.open(Path.of(args[0]))) {
        var leases = new LeaseTable(database);
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
          leases.commit(
              List.of(
                  new LeaseTable.Row(
                      "52:54:00:00:00:01", "10.20.0." + i, java.time.Instant.EPOCH, false)),
              List.of());
          System.out.println("done " + i);
          System.out.flush();
        }
      }
    }
  }
}
