package io.kindling.appliance.daytwo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.appliance.daytwo.OperationBook.Operation;
import io.kindling.appliance.daytwo.OperationBook.State;
import io.kindling.appliance.testing.MemorySettings;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.daytwo.Order;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DecisionsTest {
  private static final UUID WANTED = new UUID(1, 1);
  private static final UUID OTHER = new UUID(1, 2);
  private static final Osd FIRST = new Osd(new UUID(2, 1), new UUID(3, 1));
  private static final Osd SECOND = new Osd(new UUID(2, 2), new UUID(3, 2));
  private static final Osd BARE = new Osd(new UUID(2, 3), null);
  private static final List<Osd> ALL = List.of(FIRST, SECOND, BARE);

  @Test
  void anOsdIsFoundByItsOwnLabel() {
    assertThat(Decisions.lost(4, WANTED, ALL, Map.of(SECOND.partition(), WANTED)))
        .isEqualTo(SECOND);
  }

  @Test
  void anOsdWhoseDriveIsDeadIsFoundByItsDb() {
    assertThat(
            Decisions.lost(4, WANTED, ALL, Map.of(SECOND.db(), WANTED, FIRST.partition(), OTHER)))
        .isEqualTo(SECOND);
  }

  @Test
  void anOsdWithoutDbIsTheOnlyOneThatCannotBeRead() {
    assertThat(
            Decisions.lost(
                4, WANTED, ALL, Map.of(FIRST.partition(), OTHER, SECOND.db(), new UUID(1, 3))))
        .isEqualTo(BARE);
  }

  @Test
  void nothingIsGuessedWhereSeveralCannotBeRead() {
    assertThatThrownBy(() -> Decisions.lost(4, WANTED, ALL, Map.of()))
        .isInstanceOfSatisfying(
            DayTwoException.class, e -> assertThat(e.finding().error()).isEqualTo("DAY-009"));
  }

  @Test
  void everyOrderIsReadBackAsItWasKept() {
    var drive = new Order.Drive("wwn-1", WANTED, null, "script 'with' quotes\n");
    for (Order order :
        List.of(
            new Order.Enter("n1"),
            new Order.Exit("n1"),
            new Order.Reboot("n1", WANTED),
            new Order.Add("n1", List.of(drive)),
            new Order.Replace("n1", 4, WANTED, OTHER, drive, Order.How.DRAIN),
            new Order.Evacuate("n1", "10.20.0.11"),
            new Order.Retire("n1"))) {
      var book = new OperationBook(new MemorySettings());
      var operation = new Operation(order, State.FAILED, "ENG-001", "away");
      book.keep(operation);
      assertThat(book.last()).contains(operation);
    }
  }
}
