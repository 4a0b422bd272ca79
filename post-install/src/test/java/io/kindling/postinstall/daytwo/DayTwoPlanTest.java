package io.kindling.postinstall.daytwo;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.Models;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.kindling.postinstall.openstack.Racks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DayTwoPlanTest {
  private static final UUID OLD = new UUID(7, 1);
  private static final UUID PARTITION = new UUID(2, 2);
  private static final UUID DB = new UUID(3, 2);
  private static final UUID FRESH = new UUID(8, 1);

  private static final String GUESTS = "/usr/local/lib/kindling/guests ";
  private static final Optional<OpenStackModel> NONE = Optional.empty();

  private final CephModel model = Models.hosts(3);

  @Test
  void nothingIsDestroyedBeforeItIsSafe() {
    Graph work = DayTwoPlan.work(model, NONE, replace(Order.How.DRAIN));
    assertThat(commands(work))
        .containsSubsequence(
            "ceph osd out 4",
            "/usr/local/lib/kindling/ceph-probe safe 4 " + OLD,
            "/usr/local/lib/kindling/osd retire %s 4 %s".formatted(PARTITION, OLD),
            "ceph osd destroy 4 --yes-i-really-mean-it",
            "sh /var/lib/kindling/drives/%s.sh --until=partitions".formatted(FRESH),
            "/usr/local/lib/kindling/osd prepare %s %s %s 4".formatted(FRESH, DB, model.fsid()),
            "/usr/local/lib/kindling/osd start " + FRESH,
            "/usr/local/lib/kindling/ceph-probe serves 4 n2",
            "ceph osd in 4",
            "/usr/local/lib/kindling/ceph-probe settling");
    assertThat(commands(DayTwoPlan.check(model, NONE, replace(Order.How.SAFE))))
        .contains("/usr/local/lib/kindling/ceph-probe may_replace 4 %s safe".formatted(OLD));
    assertThat(commands(DayTwoPlan.work(model, NONE, replace(Order.How.SAFE))))
        .doesNotContain("ceph osd out 4");
  }

  @Test
  void aHostIsRebootedWithItsOsdsKeptInAndCountsAsAnyOtherOnlyWhenTheyAreUp() {
    var order = new Order.Reboot("n2", new UUID(9, 9));
    assertThat(commands(DayTwoPlan.work(model, NONE, order)))
        .containsSubsequence(
            "ceph osd set-group noout n2",
            "/usr/local/lib/kindling/reboot now " + new UUID(9, 9),
            "/usr/local/lib/kindling/osd start " + new UUID(2, 2),
            "/usr/local/lib/kindling/ceph-probe host_up n2",
            "/usr/local/lib/kindling/ceph-probe quorum n1 n2 n3",
            "ceph osd unset-group noout n2",
            "/usr/local/lib/kindling/ceph-probe whole");
    assertThat(commands(DayTwoPlan.check(model, NONE, order)))
        .contains("/usr/local/lib/kindling/ceph-probe may_stop n2");
  }

  @Test
  void guestsLeaveAComputeBeforeItsOsdsAreTouchedAndComeBackLast() {
    Optional<OpenStackModel> services = Optional.of(Racks.openstack());
    assertThat(commands(DayTwoPlan.work(Racks.ceph(), services, new Order.Enter("n4"))))
        .containsExactly("/usr/local/lib/kindling/guests close n4", GUESTS + "move n4");
    Graph reboot = DayTwoPlan.work(Racks.ceph(), services, new Order.Reboot("n4", new UUID(9, 9)));
    assertThat(commands(reboot))
        .containsSubsequence(
            GUESTS + "move n4",
            "/usr/local/lib/kindling/reboot now " + new UUID(9, 9),
            "/usr/local/lib/kindling/ceph-probe whole",
            GUESTS + "cleared n4",
            "/usr/local/lib/kindling/guest-folders remove",
            GUESTS + "open n4",
            GUESTS + "up n4");
    assertThat(task(reboot, "guests-off").scope().hosts()).containsExactly("n1");
    assertThat(commands(DayTwoPlan.check(Racks.ceph(), services, new Order.Enter("n4"))))
        .contains(GUESTS + "may_move n4");
    assertThat(commands(DayTwoPlan.work(Racks.ceph(), services, new Order.Enter("n3"))))
        .as("no compute")
        .noneMatch(command -> command.startsWith(GUESTS));
  }

  @Test
  void aComputeGoesForGoodOnceItHasClearedAwayWhatLeftIt() {
    Optional<OpenStackModel> services = Optional.of(Racks.openstack());
    var order = new Order.Retire("n4");
    assertThat(commands(DayTwoPlan.check(Racks.ceph(), services, order)))
        .contains(GUESTS + "may_leave n4");
    Graph work = DayTwoPlan.work(Racks.ceph(), services, order);
    assertThat(commands(work))
        .containsExactly(
            GUESTS + "close n4",
            GUESTS + "move n4",
            "systemctl stop nova-compute.service",
            GUESTS + "evacuate n4",
            "systemctl start nova-compute.service",
            GUESTS + "cleared n4",
            "/usr/local/lib/kindling/guest-folders remove",
            "systemctl stop ovn-controller.service",
            GUESTS + "forget n4");
    assertThat(task(work, "off").items().get("n4"))
        .contains(
            Item.Unit.off("nova-compute.service"),
            Item.Unit.off("ovn-host.service"),
            new Item.Absent("/etc/ceph/ceph.client.nova.keyring"))
        .doesNotContain(Item.Unit.off("openvswitch-switch.service"));
    assertThat(task(work, "forgotten").after()).containsExactly("off");
  }

  @Test
  void aDeadComputeIsNotAskedForAnything() {
    Optional<OpenStackModel> services = Optional.of(Racks.openstack());
    var order = new Order.Evacuate("n5", "10.0.0.5");
    Graph check = DayTwoPlan.check(Racks.ceph(), services, order);
    assertThat(commands(check)).contains(GUESTS + "may_evacuate n5 10.0.0.5");
    Graph work = DayTwoPlan.work(Racks.ceph(), services, order);
    assertThat(commands(work)).containsExactly(GUESTS + "evacuate n5");
    for (Graph graph : List.of(check, work)) {
      assertThat(graph.tasks()).noneMatch(task -> task.scope().hosts().contains("n5"));
    }
  }

  @Test
  void theClusterIsAskedOnAnotherHostThanTheOneThatIsAway() {
    GraphTask noout =
        task(DayTwoPlan.work(model, NONE, new Order.Reboot("n1", new UUID(9, 9))), "noout");
    assertThat(noout.scope().hosts()).containsExactly("n2", "n3", "n1");
  }

  @Test
  void dataMoveOnceForAllNewDrives() {
    var order =
        new Order.Add(
            "n3",
            List.of(
                new Order.Drive("sdx", FRESH, null, "one"),
                new Order.Drive("sdy", new UUID(8, 2), null, "two")));
    assertThat(commands(DayTwoPlan.work(model, NONE, order)))
        .containsSubsequence(
            "ceph osd set norebalance",
            "/usr/local/lib/kindling/osd prepare %s none %s".formatted(FRESH, model.fsid()),
            "/usr/local/lib/kindling/osd prepare %s none %s"
                .formatted(new UUID(8, 2), model.fsid()),
            "/usr/local/lib/kindling/ceph-probe settling",
            "ceph osd unset norebalance",
            "/usr/local/lib/kindling/ceph-probe settling");
  }

  @Test
  void lookingWhetherItMayBeginChangesNothingButThePrograms() {
    for (Order order :
        List.of(
            new Order.Enter("n1"),
            new Order.Exit("n1"),
            replace(Order.How.DEGRADED),
            new Order.Add("n1", List.of()))) {
      for (GraphTask task : DayTwoPlan.check(model, NONE, order).tasks()) {
        assertThat(task.items().values().stream().flatMap(List::stream))
            .allMatch(i -> i instanceof Item.ManagedFile || i instanceof Item.Gate);
      }
    }
  }

  private static Order.Replace replace(Order.How how) {
    return new Order.Replace(
        "n2", 4, OLD, PARTITION, new Order.Drive("sdz", FRESH, DB, "script"), how);
  }

  private static GraphTask task(Graph graph, String name) {
    return graph.tasks().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  /// What is run or awaited, task by task, on the first host of each.
  private static List<String> commands(Graph graph) {
    var commands = new ArrayList<String>();
    for (GraphTask task : graph.tasks()) {
      for (Item item : task.items().values().iterator().next()) {
        switch (item) {
          case Item.Action action -> action.apply().forEach(c -> commands.add(c.toString()));
          case Item.Gate gate -> commands.add(gate.ready().toString());
          default -> {} // files
        }
      }
    }
    return commands;
  }
}
