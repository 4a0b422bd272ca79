package io.kindling.appliance.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.boot.BootTable.Disk;
import io.kindling.inventory.NodeState;
import io.kindling.pxe.BootStage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class BootTableTest {

  /// Each line: sentence | state | its disk is blank, an installer's, a system's | dhcp loader
  /// script kernel agent.
  private static final String TABLE =
      """
      a machine nobody knows boots the bootstrap          | -            | blank     | B B B B B
      whatever its disk may hold                          | -            | system    | B B B B B
      a discovered one boots the bootstrap again          | discovered   | blank     | B B B B B
      also when an old system is on its disk              | discovered   | system    | B B B B B
      an assigned one waits in the bootstrap              | assigned     | blank     | B B B B B
      also when it is to be installed anew                | assigned     | system    | B B B B B
      one being installed comes back to the bootstrap     | provisioning | blank     | B B B B B
      and to its own disk once the system is there        | provisioning | system    | D D D F F
      a provisioned one starts its own disk               | provisioned  | blank     | D D D F F
      and is never handed a token again                   | provisioned  | system    | D D D F F
      one being deployed starts its own disk              | deploying    | blank     | D D D F F
      at any time                                         | deploying    | system    | D D D F F
      a ready one starts its own disk                     | ready        | blank     | D D D F F
      for as long as it is ready                          | ready        | system    | D D D F F
      one that failed before its system was there retries | error        | blank     | B B B B B
      one that failed later keeps its system              | error        | system    | D D D F F
      one to be wiped boots the bootstrap                 | wiping       | blank     | B B B B B
      whatever its disk holds                             | wiping       | system    | B B B B B
      one to be rescued boots the bootstrap               | rescue       | blank     | B B B B B
      with its system left alone                          | rescue       | system    | B B B B B
      a quarantined one reports again                     | quarantined  | blank     | B B B B B
      until its evidence is clear                         | quarantined  | system    | B B B B B
      an adoptable one goes to its own disk               | adoptable    | blank     | D D D F F
      with or without an assignment                       | adoptable    | system    | D D D F F
      a removed one is new                                | removed      | blank     | B B B B B
      whatever it was before                              | removed      | system    | B B B B B
      one at that task boots its release's installer      | provisioning | installer | I I I F B
      a machine nobody knows has no installer             | -            | installer | B B B B B
      a discovered one has none either                    | discovered   | installer | B B B B B
      nor an assigned one                                 | assigned     | installer | B B B B B
      a provisioned one needs none                        | provisioned  | installer | D D D F F
      a deploying one neither                             | deploying    | installer | D D D F F
      nor a ready one                                     | ready        | installer | D D D F F
      one whose installer failed comes to the bootstrap   | error        | installer | B B B B B
      one to be wiped is past its installer               | wiping       | installer | B B B B B
      one to be rescued as well                           | rescue       | installer | B B B B B
      a quarantined one is not installed                  | quarantined  | installer | B B B B B
      an adoptable one keeps what it has                  | adoptable    | installer | D D D F F
      a removed one has lost its installer                | removed      | installer | B B B B B
      a machine nobody knows is visited like any other    | -            | visited   | B B B B B
      a discovered one boots the bootstrap all the same   | discovered   | visited   | B B B B B
      an assigned one as well                             | assigned     | visited   | B B B B B
      one being installed is not visited                  | provisioning | visited   | B B B B B
      nor one that failed                                 | error        | visited   | B B B B B
      a provisioned one is never visited                  | provisioned  | visited   | D D D F F
      nor one being deployed                              | deploying    | visited   | D D D F F
      nor a ready one                                     | ready        | visited   | D D D F F
      one to be wiped comes anyway                        | wiping       | visited   | B B B B B
      one to be rescued comes anyway                      | rescue       | visited   | B B B B B
      a quarantined one reports anyway                    | quarantined  | visited   | B B B B B
      an adoptable one comes where that was ordered       | adoptable    | visited   | B B B B B
      a removed one is new in any case                    | removed      | visited   | B B B B B
      """;

  private record Cell(
      String sentence, @Nullable NodeState state, Disk disk, BootStage stage, BootAction is) {}

  private static List<Cell> cells() {
    var cells = new ArrayList<Cell>();
    for (String line : TABLE.lines().toList()) {
      String[] column = line.split("\\|");
      String state = column[1].strip();
      String[] actions = column[3].strip().split(" ");
      for (BootStage stage : BootStage.values()) {
        cells.add(
            new Cell(
                column[0].strip(),
                state.equals("-") ? null : NodeState.valueOf(state.toUpperCase(Locale.ROOT)),
                Disk.valueOf(column[2].strip().toUpperCase(Locale.ROOT)),
                stage,
                switch (actions[stage.ordinal()]) {
                  case "B" -> BootAction.BOOTSTRAP;
                  case "I" -> BootAction.INSTALLER;
                  case "D" -> BootAction.OWN_DISK;
                  default -> BootAction.FIRMWARE_NEXT;
                }));
      }
    }
    return cells;
  }

  @TestFactory
  Stream<DynamicTest> everyCell() {
    return cells().stream()
        .map(cell ->
            DynamicTest.dynamicTest(
                cell.sentence() + " (" + cell.stage().label() + ")",
                () ->
                    assertThat(BootTable.action(cell.state(), cell.disk(), cell.stage()))
                        .isEqualTo(cell.is())));
  }

  @Test
  void theTableAboveIsWhole() {
    Set<List<Object>> written = new HashSet<>();
    for (Cell cell : cells()) {
      written.add(List.of(String.valueOf(cell.state()), cell.disk(), cell.stage()));
    }
    assertThat(written)
        .hasSize((NodeState.values().length + 1) * Disk.values().length * BootStage.values().length)
        .hasSameSizeAs(cells());
  }
}
