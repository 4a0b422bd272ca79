package io.kindling.inventory.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the kernel sees: strace shows a sync of the file before each acknowledgement.
@Tag("rack")
class SyncBeforeAcknowledgeRackTest {
  private static final int COMMITS = 20;

  @TempDir Path dir;

  @Test
  void theDatabaseFileIsSyncedBeforeEachAcknowledgement() throws Exception {
    assertSynced(SettingsOneByOne.class, "kindling.mv.db");
  }

  @Test
  void theLogOfLeasesIsSyncedBeforeEachAcknowledgement() throws Exception {
    assertSynced(LeasesOneByOne.class, LeaseTable.LOG);
  }

  private void assertSynced(Class<?> program, String file) throws Exception {
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
        ChildJvm.start(strace, program, dir.resolve("state").toString(), String.valueOf(COMMITS))) {
      assertThat(child.waitFor()).isZero();
    }
    int acknowledged = 0;
    boolean written = false;
    boolean synced = false;
    for (String line : Files.readAllLines(trace)) {
      if (line.contains("write") && line.contains(file)) {
        written = true;
        synced = false;
      } else if (line.matches(".*(fsync|fdatasync|msync)\\(.*" + Pattern.quote(file) + ".*")) {
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

  /// Stores one setting after the other.
  static final class SettingsOneByOne {
    private SettingsOneByOne() {}

    public static void main(String[] args) {
      try (Database database = TestDatabases.open(Path.of(args[0]))) {
        var settings = new SettingsTable(database);
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
          settings.put("key", "value " + i);
          System.out.println("done " + i);
          System.out.flush();
        }
      }
    }
  }

  /// Commits one lease after the other.
  static final class LeasesOneByOne {
    private LeasesOneByOne() {}

    public static void main(String[] args) {
      try (Database database = TestDatabases.open(Path.of(args[0]))) {
        var leases = new LeaseTable(database, Runnable::run);
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
