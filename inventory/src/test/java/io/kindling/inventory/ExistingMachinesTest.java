package io.kindling.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Machines that have their own operating system: who may come in, and as what.
class ExistingMachinesTest {
  private static final String ONE = "11111111111111111111111111111111";
  private static final String TWO = "22222222222222222222222222222222";
  private static final String NIC = "52:54:00:aa:00:01";
  private static final String SAME_UUID = "7f4e1a52-3c1b-4e0b-9a55-2b6f0e8d4c01";
  private static final Credentials ANYONE = new Credentials.Anyone();

  private final Clock clock = Clock.fixed(TestNodes.NOON, ZoneOffset.UTC);
  private final MemoryNodeStore nodes = new MemoryNodeStore();
  private final MemoryEventStore events = new MemoryEventStore(clock);
  private final Inventory inventory = new Inventory(nodes, events, clock, UUID::randomUUID);

  private static byte[] document(String machine, String host, String nic) {
    return """
    {"version":1,
     "agent":{"version":"1.0","firmware":"bios","existing":{"machineId":"%s","hostName":"%s"}},
     "ssh":{"hostKeys":["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBsYWNlaG9sZGVy"]},
     "raw":{"dmidecode":"Handle 0x0100, DMI type 1, 27 bytes\\nSystem Information\\n\\tUUID: %s\\n",
      "ip":[{"ifname":"e0","link_type":"ether","address":"%s",%s"addr_info":[]}]}}
    """
        .formatted(machine, host, SAME_UUID, nic, "\"parentbus\":\"pci\",")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static Credentials invited(String machine) {
    return new Credentials.Invitation(machine::equals);
  }

  private Node joined(String machine, String host, String nic) {
    return ((ReportResult.Created) inventory.report(document(machine, host, nic), invited(machine)))
        .node();
  }

  private InventoryError refused(byte[] document, Credentials presented) {
    return ((ReportResult.Rejected) inventory.report(document, presented)).error();
  }

  @Test
  void anAdoptableMachineThatIsInvitedBecomesThatNodeAndNoSecondOne() {
    Node found = ((ReportResult.Created) inventory.report(bootstrap(), ANYONE)).node();
    assertThat(found.state()).isEqualTo(NodeState.ADOPTABLE);
    assertThat(refused(document(ONE, "store-7", NIC), ANYONE))
        .isEqualTo(InventoryError.NOT_INVITED);
    Node node =
        ((ReportResult.Updated) inventory.report(document(ONE, "store-7", NIC), invited(ONE)))
            .node();
    assertThat(node.id()).isEqualTo(found.id());
    assertThat(node.state()).isEqualTo(NodeState.PROVISIONED);
    assertThat(node.name()).isEqualTo("store-7");
    assertThat(node.machineId()).isEqualTo(ONE);
    assertThat(nodes.all()).hasSize(1);
  }

  /// A report from the bootstrap, of disks that another appliance partitioned.
  private static byte[] bootstrap() {
    return """
    {"version":1,
     "agent":{"version":"1.0","firmware":"bios","bootInterface":"%s"},
     "raw":{"lsblk":{"blockdevices":[{"name":"vda","kname":"vda","type":"disk","size":10737418240,
        "children":[{"name":"vda1","kname":"vda1","type":"part","size":1048576,
          "partlabel":"kindling-os-1"}]}]},
      "ip":[{"ifname":"e0","link_type":"ether","address":"%s","parentbus":"pci","addr_info":[]}]}}
    """
        .formatted(NIC, NIC)
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void anInvitedMachineEntersAsProvisionedUnderItsOwnName() {
    Node node = joined(ONE, "store-7.rack.example", NIC);
    assertThat(node.state()).isEqualTo(NodeState.PROVISIONED);
    assertThat(node.name()).isEqualTo("store-7");
    assertThat(node.machineId()).isEqualTo(ONE);
    assertThat(node.macs()).containsExactly(NIC);
    assertThat(node.assignment()).isNull();
    assertThat(nodes.document(node.id())).isPresent();
    assertThat(events.last(10)).extracting(Event::kind).containsExactly("node-joined");
  }

  @Test
  void withoutAnInvitationForItNoMachineComesIn() {
    assertThat(refused(document(ONE, "a", NIC), ANYONE)).isEqualTo(InventoryError.NOT_INVITED);
    assertThat(refused(document(ONE, "a", NIC), invited(TWO)))
        .isEqualTo(InventoryError.NOT_INVITED);
    assertThat(nodes.all()).isEmpty();
  }

  @Test
  void itsLaterReportsNeedItsOwnTokenAndChangeNoState() {
    Node node = joined(ONE, "a", NIC);
    nodes.change(node.id(), n -> n.withState(NodeState.READY, null, null));
    assertThat(refused(document(ONE, "a", NIC), ANYONE)).isEqualTo(InventoryError.NOT_INVITED);
    Node other = joined(TWO, "b", "52:54:00:aa:00:02");
    assertThat(refused(document(ONE, "a", NIC), new Credentials.OwnToken(other.id())))
        .isEqualTo(InventoryError.NOT_INVITED);
    ReportResult own =
        inventory.report(document(ONE, "renamed", NIC), new Credentials.OwnToken(node.id()));
    assertThat(((ReportResult.Updated) own).node())
        .returns(NodeState.READY, Node::state)
        .returns("a", Node::name);
    assertThat(nodes.all()).hasSize(2);
  }

  @Test
  void equalSystemUuidsAndNamesAreNoObstacle() {
    Node one = joined(ONE, "same", NIC);
    Node two = joined(TWO, "same", "52:54:00:aa:00:02");
    assertThat(one.uuid()).isNull();
    assertThat(two.name()).isEqualTo("same-2");
    assertThat(events.last(10)).extracting(Event::kind).doesNotContain("uuid-shared");
  }

  @Test
  void aMachineThatIsAnotherNodeByItsNicIsRefusedAndThatNodeKept() {
    byte[] blank =
        new String(document(ONE, "x", NIC), StandardCharsets.UTF_8)
            .replaceFirst(",\"existing\":\\{[^}]*}", "")
            .getBytes(StandardCharsets.UTF_8);
    Node discovered = ((ReportResult.Created) inventory.report(blank, ANYONE)).node();
    assertThat(discovered.state()).isEqualTo(NodeState.DISCOVERED);
    assertThat(refused(document(ONE, "x", NIC), invited(ONE)))
        .isEqualTo(InventoryError.KNOWN_OTHERWISE);
    assertThat(nodes.find(discovered.id())).contains(discovered);
  }

  @Test
  void aJoinedMachineThatBootsTheBootstrapIsNotTakenForABlankOne() {
    Node node = joined(ONE, "a", NIC);
    byte[] bootstrap =
        new String(document(ONE, "a", NIC), StandardCharsets.UTF_8)
            .replaceFirst(",\"existing\":\\{[^}]*}", "")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(refused(bootstrap, ANYONE)).isEqualTo(InventoryError.TOKEN_NEEDED);
    assertThat(nodes.find(node.id())).contains(node);
  }

  @Test
  void aReportWithoutAUsableMachineIdIsNoExistingMachines() {
    byte[] odd = document("0123", "a", NIC);
    assertThat(inventory.report(odd, ANYONE))
        .isInstanceOfSatisfying(
            ReportResult.Created.class,
            made -> {
              assertThat(made.node().state()).isEqualTo(NodeState.DISCOVERED);
              assertThat(made.warnings()).anyMatch(w -> w.contains("machineId"));
            });
  }

  @Test
  void aHostNameThatNoNodeCanHaveIsReplaced() {
    assertThat(joined(ONE, "-Bad_Name-".toLowerCase(Locale.ROOT), NIC).name())
        .isEqualTo("node-111111");
  }
}
