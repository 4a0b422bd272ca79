package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kindling.appliance.deploy.Deployer.Line;
import io.kindling.appliance.deploy.Deployer.Request;
import io.kindling.appliance.testing.Bench;
import io.kindling.inventory.Credentials;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.ReportResult;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is wiped only after somebody has said yes, and what is kept by what a machine reports after
/// it was installed.
@Timeout(60)
class ReinstallKeepingTest {

  private static final String MACHINE =
      """
      {"version": 1,
       "agent": {"version": "1.0", "firmware": "bios", "bootInterface": "52:54:00:00:00:01"},
       "ssh": {"hostKeys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBsYWNlaG9sZGVy"]},
       "raw": {
        "lsblk": {"blockdevices": [
          {"name": "sda", "kname": "sda", "type": "disk", "size": 500107862016, "log-sec": 512,
           "tran": "sata", "serial": "S1"},
          {"name": "sdb", "kname": "sdb", "type": "disk", "size": 900107862016, "log-sec": 512,
           "tran": "sata" %s}]},
        "udev": {
          "sda": {"DEVLINKS": "/dev/disk/by-id/ata-A_S1 /dev/disk/by-path/pci-0000:00:1f.2-ata-1"},
          "sdb": {"DEVLINKS": "%s /dev/disk/by-path/pci-0000:00:1f.2-ata-2"}},
        "ip": [{"ifname": "eno1", "link_type": "ether", "address": "52:54:00:00:00:01",
           "parentbus": "pci", "parentdev": "0000:02:00.0"}]}}
      """;

  private static final String NAMED = "/dev/disk/by-id/ata-B_S2";
  private static final String PRECIOUS =
      """
      , "pttype": "gpt", "ptuuid": "11111111-2222-4333-8444-555555555555", "children": [
        {"name": "sdb1", "kname": "sdb1", "type": "part", "partn": 1, "start": 2048,
         "size": 107374182400, "parttype": "0fc63daf-8483-4772-8e79-3d69d8477de4",
         "partlabel": "precious", "partuuid": "aaaaaaaa-0000-4000-8000-000000000001"}]\
      """;

  private static final String CLUSTER =
      """
      nodes:
      - match: {mac: "52:54:00:00:00:01"}
        name: one
        roles: [ceph-osd]
      """;
  private static final String KEEPING =
      CLUSTER + "  disks: [{bus: sata, slot: 1, keep: [precious], use: {ceph: all}}]\n";

  private static final Request ALL = new Request(false, Set.of(), Set.of());
  private static final Request REINSTALL = new Request(false, Set.of("one"), Set.of("one"));
  private static final Request RESUME = new Request(true, Set.of(), Set.of());

  @TempDir private Path state;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench(state);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private Line order(Request request) {
    return bench.deployer.deploy(request).getFirst();
  }

  /// As the machine's agent does it, with the token of its boot; the appliance tells the deployer.
  private void report(String contents, String link) {
    Node node = bench.node(1);
    byte[] document = MACHINE.formatted(contents, link).getBytes(StandardCharsets.UTF_8);
    assertThat(bench.inventory.report(document, new Credentials.OwnToken(node.id())))
        .isInstanceOf(ReportResult.Updated.class);
    bench.deployer.reported(node.id());
  }

  private void provisioned(String link) {
    bench.report(MACHINE.formatted("", link).getBytes(StandardCharsets.UTF_8));
    bench.keep(CLUSTER);
    order(ALL); // names the node
    order(new Request(false, Set.of(), Set.of(), Set.of("one")));
    await().until(() -> bench.node(1).state() == NodeState.PROVISIONED);
  }

  @Test
  void aDiskWithoutANameOfItsOwnIsWipedOnlyOnceThatIsConfirmed() {
    bench.report(MACHINE.formatted("", "").getBytes(StandardCharsets.UTF_8));
    bench.keep(CLUSTER);
    Line refused = order(ALL);
    assertThat(refused.outcome()).isEqualTo("refused");
    assertThat(refused.detail())
        .startsWith("APP-068 pci-0000:00:1f.2-ata-2: ")
        .contains("--confirm");
    assertThat(bench.node(1).state()).isEqualTo(NodeState.ASSIGNED);
    assertThat(order(new Request(false, Set.of(), Set.of(), Set.of("one"))).outcome())
        .isEqualTo("started");
    await().until(() -> bench.node(1).state() == NodeState.PROVISIONED);
    assertThat(order(REINSTALL).detail()).startsWith("APP-068 ");
    assertThat(bench.node(1).state()).isEqualTo(NodeState.PROVISIONED);
  }

  @Test
  void aDiskThatIsLeftOutNeedsNoConfirmation() {
    bench.report(MACHINE.formatted("", "").getBytes(StandardCharsets.UTF_8));
    bench.keep(CLUSTER + "  disks: [{id: sdb, keep: true}]\n");
    assertThat(order(ALL).outcome()).isEqualTo("started");
  }

  @Test
  void whatIsKeptIsFoundInTheReportAfterTheOrder() {
    provisioned(NAMED);
    bench.keep(KEEPING);
    Line ordered = order(REINSTALL);
    assertThat(ordered.outcome()).isEqualTo("started");
    assertThat(ordered.detail()).contains("attempt 2", "from the bootstrap");
    assertThat(bench.node(1).state()).isEqualTo(NodeState.PROVISIONING);
    assertThat(bench.node(1).stage()).isEqualTo("report");
    assertThat(order(ALL).detail()).contains("booted anew");
    bench.restartDeployer();
    bench.deployer.resumeAfterStart();
    assertThat(bench.installer.plans).hasSize(1);

    report(PRECIOUS, NAMED);
    await().until(() -> bench.node(1).state() == NodeState.PROVISIONED);
    assertThat(bench.installer.plans).hasSize(2);
    var plan = bench.installer.plans.getLast();
    assertThat(plan.attempt()).isEqualTo(2);
    PlannedDisk kept =
        plan.disks().disks().stream().filter(PlannedDisk::keepTable).findFirst().orElseThrow();
    assertThat(kept.id()).isEqualTo("ata-B_S2");
    assertThat(kept.partitions()).anyMatch(p -> p.keep() && p.label().equals("precious"));
    report(PRECIOUS, NAMED);
    assertThat(bench.installer.plans).hasSize(2);
  }

  @Test
  void whereNothingIsLeftToKeepNothingIsWipedAndTheNextReportIsAwaited() {
    provisioned(NAMED);
    bench.keep(KEEPING);
    order(REINSTALL);
    report("", NAMED);
    Node stopped = bench.node(1);
    assertThat(stopped.state()).isEqualTo(NodeState.ERROR);
    assertThat(stopped.reason()).startsWith("KSG-").contains("precious");
    assertThat(bench.installer.plans).hasSize(1);
    assertThat(order(RESUME).detail()).contains("booted anew");
    report(PRECIOUS, NAMED);
    await().until(() -> bench.node(1).state() == NodeState.PROVISIONED);
    assertThat(bench.installer.plans.getLast().attempt()).isEqualTo(2);
  }

  @Test
  void aPostponedWipeOfADiskWithoutANameNeedsTheConfirmationToo() {
    provisioned("");
    bench.keep(KEEPING);
    assertThat(order(REINSTALL).outcome()).isEqualTo("started"); // nobody knows yet what is there
    report(PRECIOUS, "");
    assertThat(bench.node(1).reason()).startsWith("APP-068 ");
    assertThat(bench.installer.plans).hasSize(1);
    order(new Request(false, Set.of("one"), Set.of("one"), Set.of("one")));
    report(PRECIOUS, "");
    await().until(() -> bench.node(1).state() == NodeState.PROVISIONED);
    assertThat(bench.installer.plans.getLast().attempt()).isEqualTo(3);
  }
}
