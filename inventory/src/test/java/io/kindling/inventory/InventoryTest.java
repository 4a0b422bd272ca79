package io.kindling.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/// Who a report is from, and what becomes of it.
class InventoryTest {
  private static final String X = "7f4e1a52-3c1b-4e0b-9a55-2b6f0e8d4c01";
  private static final String Y = "9c1d0b5e-6a0f-4c52-8f6e-0d2b7f3a1c02";
  private static final String A1 = "52:54:00:aa:00:01";
  private static final String A2 = "52:54:00:aa:00:02";
  private static final String A3 = "52:54:00:aa:00:03";
  private static final String B1 = "52:54:00:bb:00:01";
  private static final String B2 = "52:54:00:bb:00:02";
  private static final Credentials ANYONE = new Credentials.Anyone();

  private final Clock clock = Clock.fixed(TestNodes.NOON, ZoneOffset.UTC);
  private final MemoryNodeStore nodes = new MemoryNodeStore();
  private final MemoryEventStore events = new MemoryEventStore(clock);
  private final Inventory inventory = new Inventory(nodes, events, clock, UUID::randomUUID);

  /// A machine's report, put together from what identifies it.
  private record Machine(String uuid, String boot, List<String> nics, String label, long memory) {
    Machine(String uuid, String... nics) {
      this(uuid, nics.length == 0 ? null : nics[0], List.of(nics), null, 4);
    }

    Machine bootedFrom(String mac) {
      return new Machine(uuid, mac, nics, label, memory);
    }

    Machine withLabel(String label) {
      return new Machine(uuid, boot, nics, label, memory);
    }

    Machine withMemory(long gib) {
      return new Machine(uuid, boot, nics, label, gib);
    }

    byte[] document() {
      var ip = new ArrayList<String>();
      ip.add("{\"ifname\":\"lo\",\"link_type\":\"loopback\",\"address\":\"00:00:00:00:00:00\"}");
      for (String nic : nics) {
        ip.add(
            """
            {"ifname":"e%d","link_type":"ether","address":"%s","parentbus":"pci","addr_info":[]}\
            """
                .formatted(ip.size(), nic));
      }
      String dmi =
          "Handle 0x0100, DMI type 1, 27 bytes\\nSystem Information\\n\\tSerial Number: SAME\\n"
              + (uuid == null ? "" : "\\tUUID: " + uuid + "\\n");
      String part =
          label == null
              ? ""
              : """
              {"name":"sda1","type":"part","partlabel":"%s"}\
              """
                  .formatted(label);
      return """
      {"version":1,"agent":{"version":"1.0","firmware":"bios","secureBoot":false%s},
       "raw":{"ip":[%s],"dmidecode":"%s","meminfo":"MemTotal: %d kB",
        "lsblk":{"blockdevices":[{"name":"sda","type":"disk","size":1000,"children":[%s]}]}}}
      """
          .formatted(
              boot == null ? "" : ",\"bootInterface\":\"" + boot + "\"",
              String.join(",", ip),
              dmi,
              memory << 20,
              part)
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  private ReportResult report(Machine machine) {
    return inventory.report(machine.document(), ANYONE);
  }

  private Node created(Machine machine) {
    return ((ReportResult.Created) report(machine)).node();
  }

  private Node updated(Machine machine) {
    return ((ReportResult.Updated) report(machine)).node();
  }

  private Node now(Node node) {
    return nodes.find(node.id()).orElseThrow();
  }

  private List<String> kinds() {
    return events.after(0, 1000).stream().map(Event::kind).toList();
  }

  @Test
  void anUnknownMachineBecomesADiscoveredNode() {
    Machine machine = new Machine(X, A1, A2);
    Node node = created(machine);
    assertThat(node.state()).isEqualTo(NodeState.DISCOVERED);
    assertThat(node.name()).isEqualTo("node-aa0001");
    assertThat(node.macs()).containsExactlyInAnyOrder(A1, A2);
    assertThat(node.uuid()).isEqualTo(X);
    assertThat(node.bootMac()).isEqualTo(A1);
    assertThat(node.reported()).isEqualTo(TestNodes.NOON);
    assertThat(nodes.document(node.id()).orElseThrow()).isEqualTo(machine.document());
    assertThat(kinds()).containsExactly("node-discovered");
  }

  @Test
  void aMachineWithThreeNicsBootedFromEachIsOneNode() {
    Machine machine = new Machine(X, A1, A2, A3);
    Node first = created(machine);
    assertThat(updated(machine.bootedFrom(A2)).id()).isEqualTo(first.id());
    assertThat(updated(machine.bootedFrom(A3)).bootMac()).isEqualTo(A3);
    assertThat(nodes.all()).hasSize(1);
    assertThat(now(first).name()).isEqualTo("node-aa0001");
  }

  @Test
  void aMachineThatReportsTwiceAtOnceIsOneNode() {
    Machine machine = new Machine(X, A1, A2, A3);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        threads.submit(() -> report(machine));
      }
    }
    assertThat(nodes.all()).hasSize(1);
  }

  @Test
  void twoMachinesWithEqualUuidAndSerialAreTwoNodesAndTheUuidCountsForNeither() {
    Node one = created(new Machine(X, A1));
    Node two = created(new Machine(X, B1));
    assertThat(now(one).uuid()).isNull();
    assertThat(now(two).uuid()).isNull();
    assertThat(kinds().stream().filter("uuid-shared"::equals)).hasSize(2);
    assertThat(updated(new Machine(X, A1)).id()).isEqualTo(one.id());
    assertThat(updated(new Machine(X, B1)).id()).isEqualTo(two.id());
    assertThat(now(one).uuid()).isNull();
    Node three = created(new Machine(X, "52:54:00:cc:00:01"));
    assertThat(now(three).uuid()).isNull();
    assertThat(nodes.all()).hasSize(3);
  }

  @Test
  void aPlaceholderUuidIsNoEvidence() {
    for (String uuid :
        List.of(
            "00000000-0000-0000-0000-000000000000",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
            "03000200-0400-0500-0006-000700080009",
            "12345678-1234-5678-90AB-CDDEEFAABBCC",
            "58585858-5858-5858-5858-585858585858")) {
      Identification who = inventory.identify(TestParsing.facts(new Machine(uuid, A1).document()));
      assertThat(((Identification.New) who).evidence().uuid()).as(uuid).isNull();
    }
  }

  @Test
  void twoMachinesWithAPlaceholderUuidAreTwoNodesWithoutAWord() {
    created(new Machine("00000000-0000-0000-0000-000000000000", A1));
    created(new Machine("00000000-0000-0000-0000-000000000000", B1));
    assertThat(kinds()).containsExactly("node-discovered", "node-discovered");
  }

  @Test
  void namesOfMachinesWithTheSameLastDigitsDiffer() {
    created(new Machine(null, "52:54:00:aa:00:01"));
    created(new Machine(null, "52:54:01:aa:00:01"));
    created(new Machine(null, "52:54:02:aa:00:01"));
    assertThat(nodes.all())
        .extracting(Node::name)
        .containsExactly("node-aa0001", "node-aa0001-2", "node-aa0001-3");
  }

  @Test
  void aReportOfTheSameHardwareMakesNoEventOneOfOtherHardwareDoes() {
    Machine machine = new Machine(X, A1);
    Node node = created(machine);
    updated(machine);
    assertThat(kinds()).containsExactly("node-discovered");
    updated(machine.withMemory(8));
    updated(new Machine(X, A1, A2).withMemory(8));
    assertThat(kinds()).containsExactly("node-discovered", "node-changed", "node-changed");
    assertThat(events.after(1, 1).getFirst().text()).contains("memory: 8192 MiB, was 4096");
    assertThat(now(node).macs()).containsExactlyInAnyOrder(A1, A2);
  }

  @Test
  void aReportKeepsStateNameLabelsAndAssignment() {
    Node node = created(new Machine(X, A1));
    var assignment =
        new Assignment(1, java.util.Set.of(Role.BASE), Map.of(), "[]", false, null, null);
    nodes.change(
        node.id(),
        n -> n.withState(NodeState.ASSIGNED, null, null).withName("x").withAssignment(assignment));
    Node after = updated(new Machine(X, A1, A2));
    assertThat(after.state()).isEqualTo(NodeState.ASSIGNED);
    assertThat(after.name()).isEqualTo("x");
    assertThat(after.assignment()).isEqualTo(assignment);
  }

  @Test
  void aNicThatMovedBetweenTwoKnownNodesQuarantinesTheReporter() {
    Node one = created(new Machine(X, A1, A2));
    Node two = created(new Machine(Y, B1, B2));
    var result = (ReportResult.Quarantined) report(new Machine(Y, B1, B2, A2));
    assertThat(result.node().id()).isEqualTo(two.id());
    assertThat(result.error()).isEqualTo(InventoryError.NIC_MOVED);
    assertThat(now(two).state()).isEqualTo(NodeState.QUARANTINED);
    assertThat(now(two).reason()).contains("INV-008").contains(A2);
    assertThat(now(two).macs()).containsExactlyInAnyOrder(B1, B2);
    assertThat(now(one).state()).isEqualTo(NodeState.DISCOVERED);
    report(new Machine(Y, B1, B2, A2));
    assertThat(kinds().stream().filter("node-quarantined"::equals)).hasSize(1);
  }

  @Test
  void theQuarantineEndsWhenTheOtherNodeReportsWithoutTheNic() {
    created(new Machine(X, A1, A2));
    Node two = created(new Machine(Y, B1));
    report(new Machine(Y, B1, A2));
    updated(new Machine(X, A1));
    Node after = updated(new Machine(Y, B1, A2));
    assertThat(after.id()).isEqualTo(two.id());
    assertThat(after.state()).isEqualTo(NodeState.DISCOVERED);
    assertThat(after.reason()).isNull();
    assertThat(after.macs()).containsExactlyInAnyOrder(B1, A2);
  }

  @Test
  void aNodeWithAnAssignmentStaysInQuarantineUntilAnOperatorSaysOtherwise() {
    created(new Machine(X, A1, A2));
    Node two = created(new Machine(Y, B1));
    nodes.change(
        two.id(),
        n ->
            n.withState(NodeState.ASSIGNED, null, null)
                .withAssignment(
                    new Assignment(
                        1, java.util.Set.of(Role.BASE), Map.of(), "[]", false, null, null)));
    report(new Machine(Y, B1, A2));
    updated(new Machine(X, A1));
    assertThat(updated(new Machine(Y, B1, A2)).state()).isEqualTo(NodeState.QUARANTINED);
  }

  @Test
  void aMachineThatHasOnlyAnotherNodesNicIsQuarantinedAsItself() {
    created(new Machine(X, A1));
    Node two = created(new Machine(Y, B1));
    var result = (ReportResult.Quarantined) report(new Machine(Y, A1));
    assertThat(result.node().id()).isEqualTo(two.id());
  }

  @Test
  void withoutAUuidTheReporterIsWhoseNicItBootedFrom() {
    created(new Machine(null, A1, A2));
    Node two = created(new Machine(null, B1));
    var result = (ReportResult.Quarantined) report(new Machine(null, B1, A1, A2).bootedFrom(B1));
    assertThat(result.node().id()).isEqualTo(two.id());
  }

  @Test
  void aReportForANodeBeingInstalledNeedsThatNodesToken() {
    Machine machine = new Machine(X, A1);
    Node node = created(machine);
    Node other = created(new Machine(Y, B1));
    for (NodeState state : NodeState.values()) {
      if (state == NodeState.REMOVED) {
        continue;
      }
      nodes.change(node.id(), n -> n.withState(state, null, null));
      ReportResult anyone = report(machine.withMemory(8));
      ReportResult wrong =
          inventory.report(machine.document(), new Credentials.OwnToken(other.id()));
      ReportResult own = inventory.report(machine.document(), new Credentials.OwnToken(node.id()));
      assertThat(own).as("%s", state).isInstanceOf(ReportResult.Updated.class);
      Class<?> expected =
          state.needsOwnToken() ? ReportResult.Rejected.class : ReportResult.Updated.class;
      assertThat(anyone).as("%s", state).isInstanceOf(expected);
      assertThat(wrong).as("%s", state).isInstanceOf(expected);
    }
  }

  @Test
  void aRefusedReportChangesNothingAtAll() {
    Node node = created(new Machine(X, A1));
    nodes.change(node.id(), n -> n.withState(NodeState.READY, null, null));
    Node victim = created(new Machine(Y, B1));
    Node before = now(node);
    assertThat(report(new Machine(Y, A1))).isInstanceOf(ReportResult.Quarantined.class);
    assertThat(now(node)).isEqualTo(before); // The blank machine is set apart, not the ready one.
    nodes.change(victim.id(), n -> n.withState(NodeState.READY, null, null));
    Node ready = now(victim);
    assertThat(report(new Machine(Y, B1, A1))).isInstanceOf(ReportResult.Rejected.class);
    assertThat(now(victim)).isEqualTo(ready);
    assertThat(kinds().getLast()).isEqualTo("report-rejected");
  }

  @Test
  void anUnknownMachineWithOurPartitionsIsAdoptable() {
    Machine machine = new Machine(X, A1).withLabel("kindling-os-1");
    Node node = created(machine);
    assertThat(node.state()).isEqualTo(NodeState.ADOPTABLE);
    assertThat(updated(machine).state()).isEqualTo(NodeState.ADOPTABLE);
    assertThat(updated(new Machine(X, A1)).state()).isEqualTo(NodeState.DISCOVERED);
    // As after a restore: it was blank when the backup was made, and is not any more.
    assertThat(updated(machine).state()).isEqualTo(NodeState.ADOPTABLE);
  }

  @Test
  void aRemovedMachineThatComesBackIsANewNode() {
    Node node = created(new Machine(X, A1));
    nodes.change(node.id(), n -> n.withState(NodeState.REMOVED, null, null));
    Node again = created(new Machine(X, A1));
    assertThat(again.id()).isNotEqualTo(node.id());
    assertThat(again.uuid()).isEqualTo(X);
    assertThat(again.name()).isEqualTo("node-aa0001");
  }

  @Test
  void aMachineWithoutNicsIsKnownByItsUuid() {
    Node node = created(new Machine(X));
    assertThat(node.name()).isEqualTo("node-8d4c01");
    assertThat(updated(new Machine(X)).id()).isEqualTo(node.id());
    assertThat(updated(new Machine(X, A1)).macs()).containsExactly(A1);
    assertThat(updated(new Machine(X)).macs()).containsExactly(A1);
  }

  @Test
  void aMachineWithNothingThatIdentifiesItIsRejected() {
    var result = (ReportResult.Rejected) report(new Machine(null));
    assertThat(result.error()).isEqualTo(InventoryError.NO_IDENTITY);
    assertThat(nodes.all()).isEmpty();
  }

  @Test
  void aUuidThatIsSharedDoesNotIdentifyAMachineWithoutNics() {
    created(new Machine(X, A1));
    created(new Machine(X, B1));
    assertThat(((ReportResult.Rejected) report(new Machine(X))).error())
        .isEqualTo(InventoryError.NO_IDENTITY);
  }

  @Test
  void aDocumentThatCannotBeReadIsRejectedWithAnEvent() {
    var result =
        (ReportResult.Rejected)
            inventory.report("{\"version\":1,".getBytes(StandardCharsets.UTF_8), ANYONE);
    assertThat(result.error()).isEqualTo(InventoryError.DOCUMENT_TRUNCATED);
    assertThat(events.after(0, 9).getFirst().error()).isEqualTo("INV-003");
  }

  @Test
  void errorsHaveDistinctIdsInOrder() {
    var errors = InventoryError.values();
    for (int i = 0; i < errors.length; i++) {
      assertThat(errors[i].id()).isEqualTo("INV-%03d".formatted(i + 1));
      assertThat(errors[i].summary()).isNotBlank();
      assertThat(errors[i].cure()).isNotBlank();
    }
  }

  @Test
  void presenceIsToldByTheLastSignOfLife() {
    var presence = new Presence(clock);
    UUID id = UUID.randomUUID();
    assertThat(presence.isPresent(id)).isFalse();
    presence.seen(id);
    assertThat(presence.isPresent(id)).isTrue();
    assertThat(presence.lastSeen(id)).contains(TestNodes.NOON);
    presence.forget(id);
    assertThat(presence.lastSeen(id)).isEmpty();
  }
}
