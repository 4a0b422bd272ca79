package io.kindling.appliance.boot;

import static org.assertj.core.api.Assertions.assertThat;

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

  /// Each line: sentence | state | its disk holds a system | dhcp loader script kernel agent.
  private static final String TABLE =
      """
      a machine nobody knows boots the bootstrap          | -            | no  | B B B B B
      whatever its disk may hold                          | -            | yes | B B B B B
      a discovered one boots the bootstrap again          | discovered   | no  | B B B B B
      also when an old system is on its disk              | discovered   | yes | B B B B B
      an assigned one waits in the bootstrap              | assigned     | no  | B B B B B
      also when it is to be installed anew                | assigned     | yes | B B B B B
      one being installed comes back to the bootstrap     | provisioning | no  | B B B B B
      and to its own disk once the system is there        | provisioning | yes | D D D F F
      a provisioned one starts its own disk               | provisioned  | no  | D D D F F
      and is never handed a token again                   | provisioned  | yes | D D D F F
      one being deployed starts its own disk              | deploying    | no  | D D D F F
      at any time                                         | deploying    | yes | D D D F F
      a ready one starts its own disk                     | ready        | no  | D D D F F
      for as long as it is ready                          | ready        | yes | D D D F F
      one that failed before its system was there retries | error        | no  | B B B B B
      one that failed later keeps its system              | error        | yes | D D D F F
      one to be wiped boots the bootstrap                 | wiping       | no  | B B B B B
      whatever its disk holds                             | wiping       | yes | B B B B B
      one to be rescued boots the bootstrap               | rescue       | no  | B B B B B
      with its system left alone                          | rescue       | yes | B B B B B
      a quarantined one reports again                     | quarantined  | no  | B B B B B
      until its evidence is clear                         | quarantined  | yes | B B B B B
      an adoptable one goes to its own disk               | adoptable    | no  | D D D F F
      with or without an assignment                       | adoptable    | yes | D D D F F
      a removed one is new                                | removed      | no  | B B B B B
      whatever it was before                              | removed      | yes | B B B B B
      """;

  private record Cell(
      String sentence, @Nullable NodeState state, boolean onDisk, BootStage stage, BootAction is) {}

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
                column[2].strip().equals("yes"),
                stage,
                switch (actions[stage.ordinal()]) {
                  case "B" -> BootAction.BOOTSTRAP;
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
                    assertThat(BootTable.action(cell.state(), cell.onDisk(), cell.stage()))
                        .isEqualTo(cell.is())));
  }

  @Test
  void theTableAboveIsWhole() {
    Set<List<Object>> written = new HashSet<>();
    for (Cell cell : cells()) {
      written.add(List.of(String.valueOf(cell.state()), cell.onDisk(), cell.stage()));
    }
    assertThat(written)
        .hasSize((NodeState.values().length + 1) * 2 * BootStage.values().length)
        .hasSameSizeAs(cells());
  }
}
