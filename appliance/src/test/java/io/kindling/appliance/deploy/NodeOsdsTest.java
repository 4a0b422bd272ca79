package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.MemorySettings;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.facts.Facts;
import io.kindling.postinstall.ceph.CephModel.Osd;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeOsdsTest {
  private static final String DATA = "4fbd7e29-9d25-41b8-afd0-062c0ceff05d";
  private static final String DB = "45b0969e-9b03-4f30-b4c6-b4b80ceff106";
  private static final UUID A = new UUID(2, 1);
  private static final UUID B = new UUID(2, 2);
  private static final UUID DB_A = new UUID(3, 1);
  private static final UUID DB_B = new UUID(3, 2);
  private static final UUID FRESH = new UUID(8, 1);

  @TempDir Path state;
  private final MemorySettings settings = new MemorySettings();
  private Bench bench;
  private NodeOsds osds;

  @BeforeEach
  void open() {
    bench = new Bench(state);
    osds = new NodeOsds(bench.plans, settings);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void firstTheyAreWhatTheMachineReports() {
    assertThat(osds.of(node(A, B))).containsExactly(new Osd(A, DB_A), new Osd(B, DB_B));
    assertThat(osds.freeDbs(node(A))).containsExactly(DB_B);
  }

  @Test
  void oncePartOfAClusterNoOsdGetsAnothersDbWhenADriveIsGone() {
    osds.freeze(node(A, B));
    assertThat(osds.of(node(B))).containsExactly(new Osd(A, DB_A), new Osd(B, DB_B));
    assertThat(osds.of(node(A, B, FRESH))).endsWith(new Osd(FRESH, null));
  }

  @Test
  void whatIsAddedStaysAndIsAddedOnce() {
    osds.add(node(A, B), new Osd(FRESH, null));
    osds.add(node(A, B), new Osd(FRESH, null)); // a resumed operation
    var again = new NodeOsds(bench.plans, settings);
    assertThat(again.of(node(A, B))).hasSize(3).endsWith(new Osd(FRESH, null));
    assertThat(again.changes(node(A, B))).isEqualTo(1);
  }

  @Test
  void aPartitionThatWasReplacedIsNoOsdAgainWhereItIsStillSeen() {
    var fresh = new Osd(FRESH, DB_A);
    osds.replace(node(A, B), A, fresh);
    osds.replace(node(A, B), A, fresh); // a resumed operation
    assertThat(osds.of(node(A, B, FRESH))).containsExactly(new Osd(B, DB_B), fresh);
    assertThat(osds.changes(node(A, B))).isEqualTo(1);
  }

  /// A machine with its own system, these data partitions and two for dbs.
  private static Node node(UUID... data) {
    var contents = new java.util.ArrayList<Facts.Content>();
    for (UUID partition : data) {
      contents.add(partition(DATA, partition));
    }
    contents.add(partition(DB, DB_A));
    contents.add(partition(DB, DB_B));
    var disk =
        new Facts.Disk(
            "sda",
            "sda",
            "sda",
            List.of(),
            null,
            null,
            null,
            null,
            1L << 40,
            512,
            512,
            Facts.Media.HDD,
            "sata",
            false,
            false,
            "gpt",
            null,
            contents);
    var facts =
        new Facts(
            new Facts.Agent(
                "1.0",
                Facts.Firmware.BIOS,
                false,
                null,
                new Facts.Existing("0123456789abcdef0123456789abcdef", "host-1")),
            new Facts.SystemInfo(null, null, null, null, null),
            new Facts.Cpu(null, "x86_64", 1, 1),
            2L << 30,
            List.of(disk),
            List.of(),
            List.of());
    return new Node(
        new UUID(1, 1),
        "host-1",
        Set.of(),
        NodeState.PROVISIONED,
        null,
        null,
        Set.of(),
        null,
        null,
        null,
        facts,
        Instant.EPOCH,
        Instant.EPOCH,
        1);
  }

  private static Facts.Content partition(String type, @Nullable UUID guid) {
    return new Facts.Content(
        "sda1", "part", 1, null, 1L << 30, type, "kindling-x", "" + guid, null, null, null);
  }
}
