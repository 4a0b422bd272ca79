package io.kindling.appliance.aside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.testing.Machines;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WipesTest {
  private static final String CHECKED = "root@10.20.0.100 check";
  private static final String BLANKED = "root@10.20.0.100 blank";

  @TempDir Path state;
  private AsideBench aside;

  @BeforeEach
  void open() {
    aside = new AsideBench(state);
    aside.bench.report(1);
  }

  @AfterEach
  void close() {
    aside.close();
  }

  private String disk(int index) {
    return aside.disks().get(index).id();
  }

  private String begin(boolean yes, String... disks) {
    return aside.wipes.begin(
        aside.node().id(), new Wipes.Request(Set.of(disks), false, yes, true), n -> {});
  }

  private void installed(NodeState state, Role role, boolean onDisk) {
    aside.bench.nodes.change(
        aside.node().id(),
        n ->
            n.withAssignment(new Assignment(3, Set.of(role), Map.of(), "[]", onDisk, "key", null))
                .withState(state, null, "what it was"));
  }

  private String refused(ApplianceError error, boolean yes, String... disks) {
    Node before = aside.node();
    var said = new String[1];
    assertThatThrownBy(() -> begin(yes, disks))
        .isInstanceOfSatisfying(
            ApplianceException.class,
            e -> {
              assertThat(e.error()).isEqualTo(error);
              said[0] = e.detail();
            });
    assertThat(aside.node()).isEqualTo(before);
    assertThat(aside.machine.ran).isEmpty();
    return said[0];
  }

  @Test
  void onlyTheNamedDiskIsClearedAfterTheNextBootAndTheNodeIsNewThen() {
    installed(NodeState.READY, Role.BASE, true);
    String named = disk(1);
    assertThat(begin(true, named)).contains("next boot over the network clears", named);
    assertThat(aside.machine.ran).isEmpty();
    assertThat(aside.answer(BootStage.SCRIPT)).isInstanceOf(BootAnswer.Bootstrap.class);
    assertThat(aside.node().assignment()).isNotNull(); // nothing was done to its system yet

    aside.reports();
    assertThat(aside.machine.ran).containsExactly(CHECKED, BLANKED);
    assertThat(aside.machine.scripts).allMatch(script -> script.contains("DISKS='1'"));
    assertThat(aside.machine.scripts.getLast()).contains("ID='" + named + "'");
    assertThat(aside.machine.scripts.getLast()).doesNotContain(disk(0), disk(2));
    assertThat(aside.node().state()).isEqualTo(NodeState.WIPING);
    assertThat(aside.node().assignment()).isNull();
    assertThat(aside.wipes.wantsReport(aside.node())).isTrue(); // what is known of it is the past

    assertThat(aside.reports().state()).isEqualTo(NodeState.DISCOVERED);
    assertThat(aside.machine.ran).hasSize(2);
    assertThat(aside.node().reason()).isNull();
    assertThat(aside.kinds()).containsSubsequence("wipe-ordered", "disks-wiped", "node-discovered");
    assertThat(aside.wipes.wantsReport(aside.node())).isFalse();
  }

  @Test
  void whatWasDoneInAFormerAttemptIsNotTakenForDoneInTheNext() {
    installed(NodeState.PROVISIONED, Role.BASE, true);
    begin(true, disk(0));
    aside.reports();
    aside.reports();
    aside.bench.keep("nodes:\n- {match: {mac: \"52:54:00:00:00:01\"}, name: one, roles: [base]}\n");
    aside.bench.assigner.apply(aside.bench.clusters.require(), false);
    Assignment next = aside.node().assignment();
    assertThat(next).isNotNull();
    assertThat(next.attempt()).isEqualTo(4);
  }

  @Test
  void aNodeThatStillCarriesOurPartitionsIsAdoptable() {
    begin(true, disk(1));
    aside.reports();
    String labelled =
        Machines.text(1).replace("\"partlabel\": \"data\"", "\"partlabel\": \"kindling-os-1\"");
    assertThat(aside.reports(labelled).state()).isEqualTo(NodeState.ADOPTABLE);
  }

  @Test
  void oneThatIsInTheBootstrapIsWipedAtOnce() {
    aside.reports();
    assertThat(begin(true, disk(0), disk(1))).contains("is in the bootstrap; now cleared");
    assertThat(aside.machine.ran).containsExactly(CHECKED, BLANKED);
    assertThat(aside.machine.scripts.getLast()).contains("DISKS='1 2'");
  }

  @Test
  void whatWouldBeLostIsToldToWhoHasNotSaidYes() {
    installed(NodeState.READY, Role.BASE, true);
    assertThat(refused(ApplianceError.WOULD_ERASE, false, disk(1)))
        .contains(disk(1), aside.disks().get(1).name(), "MiB");
  }

  @Test
  void noDiskAndAnUnknownDiskAreRefused() {
    refused(ApplianceError.NO_SUCH_DISKS, true);
    assertThat(refused(ApplianceError.NO_SUCH_DISKS, true, disk(0), "sdz"))
        .contains("KSG-004", "sdz");
  }

  @Test
  void aDiskKnownByItsPlaceAloneWantsAConfirmation() {
    aside.reports(
        Machines.text(1).replace("/dev/disk/by-id/virtio-OSDISK", "").replace("OSDISK", ""));
    String anonymous =
        aside.disks().stream().filter(d -> d.name().equals("vda")).findFirst().orElseThrow().id();
    assertThatThrownBy(() ->
            aside.wipes.begin(
                aside.node().id(),
                new Wipes.Request(Set.of(anonymous), false, true, false),
                n -> {}))
        .isInstanceOfSatisfying(
            ApplianceException.class,
            e -> assertThat(e.error()).isEqualTo(ApplianceError.UNCONFIRMED));
    begin(true, anonymous);
    assertThat(aside.machine.ran).containsExactly(CHECKED, BLANKED);
  }

  @ParameterizedTest
  @EnumSource(value = Role.class, mode = EnumSource.Mode.EXCLUDE, names = "BASE")
  void aNodeThatWasInstalledForAClusterIsNeverWiped(Role role) {
    for (NodeState at : List.of(NodeState.READY, NodeState.PROVISIONED, NodeState.ERROR)) {
      installed(at, role, true);
      assertThat(refused(ApplianceError.IN_CLUSTER, true, disk(1))).contains(role.label());
    }
    installed(NodeState.RESCUE, role, true); // nor by way of a rescue
    refused(ApplianceError.IN_CLUSTER, true, disk(1));
    installed(NodeState.ASSIGNED, role, false); // nothing of it is in the cluster yet
    begin(true, disk(1));
    assertThat(aside.node().state()).isEqualTo(NodeState.WIPING);
  }

  @ParameterizedTest
  @EnumSource(names = {"PROVISIONING", "DEPLOYING", "WIPING"})
  void aNodeThatIsWorkedOnIsNotWiped(NodeState busy) {
    aside.bench.put(1, busy);
    refused(ApplianceError.BUSY, true, disk(1));
  }

  @Test
  void anOrderIsTakenBackBeforeItBegan() {
    installed(NodeState.READY, Role.BASE, true);
    begin(true, disk(1));
    assertThat(aside.wipes.end(aside.node().id(), n -> {})).contains("ready again");
    assertThat(aside.node().state()).isEqualTo(NodeState.READY);
    assertThat(aside.node().reason()).isEqualTo("what it was");
    assertThat(aside.node().assignment()).isNotNull();
    aside.reports();
    assertThat(aside.machine.ran).isEmpty();
  }

  @Test
  void oneThatIsTakenBackWhileItIsLookedAtClearsNothing() {
    begin(true, disk(1));
    aside.machine.meanwhile =
        () -> {
          aside.machine.meanwhile = () -> {};
          aside.wipes.end(aside.node().id(), n -> {});
        };
    aside.reports();
    assertThat(aside.machine.ran).containsExactly(CHECKED);
    assertThat(aside.node().state()).isEqualTo(NodeState.DISCOVERED);
  }

  @Test
  void oneThatHasBegunIsNotTakenBack() {
    begin(true, disk(1));
    var said = new ApplianceError[1];
    aside.machine.meanwhile =
        () -> {
          if (aside.machine.ran.contains(BLANKED)) {
            try {
              aside.wipes.end(aside.node().id(), n -> {});
            } catch (ApplianceException e) {
              said[0] = e.error();
            }
          }
        };
    aside.reports();
    assertThat(said[0]).isEqualTo(ApplianceError.BUSY);
    assertThat(aside.node().state()).isEqualTo(NodeState.WIPING);
  }

  @Test
  void aRefusalOfTheScriptLeavesTheNodeWhatItWasAndSendsItHome() {
    installed(NodeState.READY, Role.BASE, true);
    begin(true, disk(1));
    aside.machine.says = "KINDLING-ERROR KSG-107 disk vdb: /dev/vdb is mounted at /mnt";
    aside.machine.ends.add(new ExitStatus.Exited(10));
    aside.reports();
    assertThat(aside.machine.ran).containsExactly(CHECKED, "root@10.20.0.100 restart");
    assertThat(aside.node().state()).isEqualTo(NodeState.READY);
    assertThat(aside.node().reason()).startsWith("not wiped: KSG-107 disk vdb");
    assertThat(aside.kinds()).contains("wipe-refused").doesNotContain("disks-wiped");
  }

  @Test
  void aFailureInItsMidstIsAnErrorFromWhichItIsOrderedAgain() {
    installed(NodeState.READY, Role.BASE, true);
    begin(true, disk(1));
    aside.machine.says = "KINDLING-ERROR KSG-121 disk vdb: zeros cannot be written";
    aside.machine.ends.add(new ExitStatus.Exited(0));
    aside.machine.ends.add(new ExitStatus.Exited(11));
    aside.reports();
    assertThat(aside.node().state()).isEqualTo(NodeState.ERROR);
    assertThat(aside.node().stage()).isEqualTo("wipe");
    assertThat(aside.node().reason()).startsWith("KSG-121");
    assertThat(aside.answer(BootStage.SCRIPT)).isInstanceOf(BootAnswer.Bootstrap.class);
    begin(true, disk(1)); // it is in the bootstrap
    aside.reports();
    assertThat(aside.node().state()).isEqualTo(NodeState.DISCOVERED);
  }

  @Test
  void aLostConnectionAndAnApplianceThatEndedAreGoneOnFrom() {
    installed(NodeState.READY, Role.BASE, true);
    begin(true, disk(1));
    aside.machine.answers = false;
    aside.reports();
    assertThat(aside.node().stage()).isEqualTo("boot");
    aside.machine.answers = true;
    aside.machine.ends.add(new ExitStatus.Exited(0));
    aside.machine.ends.add(new ExitStatus.Lost("reset"));
    aside.reports();
    assertThat(aside.node().stage()).isEqualTo("wipe");
    assertThat(aside.wipes.wantsReport(aside.node())).isTrue();
    Wipes anew = aside.newWipes();
    anew.reported(aside.node());
    assertThat(aside.machine.ran).containsExactly(CHECKED, BLANKED, BLANKED);
    assertThat(aside.machine.scripts.getLast()).isEqualTo(aside.machine.scripts.get(1));
    assertThat(aside.node().stage()).isEqualTo("report");
  }

  @Test
  void aRescuedNodeIsWipedAndTakenBackToWhatItWasBeforeTheRescue() {
    installed(NodeState.READY, Role.BASE, true);
    aside.rescues.begin(aside.node().id(), new Rescues.Request(List.of(), false, true), n -> {});
    begin(true, disk(1));
    assertThat(aside.node().state()).isEqualTo(NodeState.WIPING);
    aside.wipes.end(aside.node().id(), n -> {});
    assertThat(aside.node().state()).isEqualTo(NodeState.READY);
    assertThat(aside.node().reason()).isEqualTo("what it was");
  }
}
