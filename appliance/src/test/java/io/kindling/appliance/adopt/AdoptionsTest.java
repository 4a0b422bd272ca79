package io.kindling.appliance.adopt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.adopt.Adoptions.Outcome;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.Machines;
import io.kindling.inventory.Credentials;
import io.kindling.inventory.Event;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.ReportResult;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.LineSink;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshSession;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Machines of another appliance, from their first report to their adoption; SSH is played.
class AdoptionsTest {
  private static final String HOST_KEY = "ssh-ed25519 AAAAHOST";
  private static final String ADDRESS = "10.20.0.12";
  private static final String LABELLED = "kindling-os-1";

  @TempDir Path dir;
  private Bench bench;
  private Adoptions adoptions;

  /// What was run, and on what: `root@10.20.0.100`.
  private final List<String> ran = new ArrayList<>();

  /// Whether the installed system lets this appliance in.
  private boolean letIn;

  private ExitStatus ends = new ExitStatus.Exited(0);
  private List<String> says =
      List.of(
          "KINDLING-RESULT name=node-7",
          "KINDLING-RESULT hostKey=" + HOST_KEY,
          "KINDLING-RESULT address=10.21.0.12",
          "KINDLING-RESULT address=" + ADDRESS);

  @BeforeEach
  void open() {
    bench = new Bench(dir);
    adoptions =
        new Adoptions(
            bench.nodes,
            bench.events,
            bench.settings,
            bench.presence,
            bench.plans,
            (address, port, user, hostKeys) -> connect(address, user, hostKeys, letIn),
            () -> List.of("join with a token"),
            Bench.PUBLIC_KEY,
            bench.provisioning.address(),
            bench.restarts,
            bench.clock,
            (time, cancellation) -> bench.clock.advance(time),
            Runnable::run);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private SshConnector.Connection connect(
      String address, String user, List<String> hostKeys, boolean admitted) {
    if (!user.equals("root")) {
      if (!hostKeys.equals(List.of(HOST_KEY))) {
        return new SshConnector.Refused(SshConnector.Reason.WRONG_HOST_KEY, "another");
      }
      if (!admitted) {
        return new SshConnector.Refused(SshConnector.Reason.AUTHENTICATION, "user " + user);
      }
    }
    return new SshConnector.Connected(new Session(user + "@" + address));
  }

  private final class Session implements SshSession {
    private final String at;

    Session(String at) {
      this.at = at;
    }

    @Override
    public ExitStatus run(Script script, LineSink out, Duration limit) {
      boolean key = script.text().contains("KEY='" + Bench.PUBLIC_KEY + "'");
      boolean join = script.sudo() && script.text().contains("join with a token");
      ran.add(at + (join ? " joins" : key ? " lets the key in" : " is looked at"));
      says.forEach(out::line);
      if (join && ends.success()) {
        join();
      }
      letIn |= key && ends.success();
      return ends;
    }

    @Override
    public ExitStatus put(byte[] content, String path, String mode, Duration limit) {
      throw new AssertionError("nothing is copied");
    }

    @Override
    public boolean alive() {
      return true;
    }

    @Override
    public void close() {}
  }

  /// What the agent of the installed system does.
  private void join() {
    String document =
        Machines.text(7)
            .replace(
                "\"bootInterface\"",
                "\"existing\":{\"machineId\":\"%s\",\"hostName\":\"node-7\"},\"bootInterface\""
                    .formatted("7".repeat(32)));
    ReportResult result =
        bench.inventory.report(
            document.getBytes(StandardCharsets.UTF_8), new Credentials.Invitation(m -> true));
    assertThat(result).isInstanceOf(ReportResult.Updated.class);
  }

  /// The machine reports from the bootstrap, its disks another appliance's.
  private void reports() {
    String labelled =
        Machines.text(7).replace("\"partlabel\": \"data\"", "\"partlabel\": \"" + LABELLED + "\"");
    assertThat(labelled).contains(LABELLED);
    adoptions.reported(bench.report(labelled.getBytes(StandardCharsets.UTF_8)));
  }

  private Node node() {
    return bench.node(7);
  }

  private boolean bootsItsOwnDisk() {
    return bench.decisions.answer(bench.address(7), BootStage.SCRIPT) instanceof BootAnswer.OwnDisk;
  }

  private List<String> kinds() {
    return bench.events.last(50).stream().map(Event::kind).toList();
  }

  @Test
  void aMachineThatJustComesIsLookedAtAndSentBackAndOffered() {
    reports();
    assertThat(ran).hasSize(1).allMatch(s -> s.startsWith("root@") && s.endsWith("is looked at"));
    assertThat(node().state()).isEqualTo(NodeState.ADOPTABLE);
    assertThat(node().name()).isEqualTo("node-7");
    assertThat(node().reason()).contains("installed it as node-7, " + ADDRESS);
    assertThat(bootsItsOwnDisk()).isTrue();
    reports(); // an unchanged one is offered once
    assertThat(kinds()).containsOnlyOnce("node-offered");
  }

  @Test
  void byTheFormerKeyItIsAdoptedWithoutABoot() throws Exception {
    reports();
    SshConnector former = (address, port, user, keys) -> connect(address, user, keys, true);
    Outcome outcome = adoptions.adopt(node(), Optional.of(former), Optional.empty());
    assertThat(outcome.adopted()).isTrue();
    assertThat(ran.getLast()).isEqualTo("kindling@" + ADDRESS + " joins");
    adopted();
    assertThat(kinds()).doesNotContain("adoption-ordered");
  }

  private void adopted() {
    Node node = node();
    assertThat(node.state()).isEqualTo(NodeState.PROVISIONED);
    assertThat(node.name()).isEqualTo("node-7");
    assertThat(node.labels()).contains("protected");
    assertThat(node.machineId()).isEqualTo("7".repeat(32));
    assertThat(bootsItsOwnDisk()).isTrue();
    assertThat(kinds()).contains("node-adopted");
  }

  @Test
  void aFormerKeyThatIsNotTheRightOneChangesNothing() {
    reports();
    Node before = node();
    SshConnector wrong = (address, port, user, keys) -> connect(address, user, keys, false);
    ApplianceException e =
        catchThrowableOfType(
            ApplianceException.class,
            () -> adoptions.adopt(before, Optional.of(wrong), Optional.empty()));
    assertThat(e.error()).isEqualTo(ApplianceError.NOT_ADOPTED);
    assertThat(e.detail()).contains("INS-062");
    assertThat(node()).isEqualTo(before);
  }

  @Test
  void withoutAKeyItIsAdoptedByOneBootThatLetsThisOneIn() throws Exception {
    reports();
    Outcome outcome = adoptions.adopt(node(), Optional.empty(), Optional.empty());
    assertThat(outcome.adopted()).isFalse();
    assertThat(bootsItsOwnDisk()).isFalse();
    assertThat(bench.restarts.waiting(node().id()).orElseThrow().text()).contains("power-cycle");
    assertThat(node().state()).isEqualTo(NodeState.ADOPTABLE);
    reports();
    assertThat(ran).last().isEqualTo("kindling@" + ADDRESS + " joins");
    assertThat(ran.get(1)).startsWith("root@").endsWith("lets the key in");
    adopted();
    assertThat(bench.restarts.waiting(node().id())).isEmpty();
  }

  @Test
  void onceTheKeyIsInAnotherOrderNeedsNoBoot() throws Exception {
    reports();
    letIn = true; // the appliance ended between the two
    assertThat(adoptions.adopt(node(), Optional.empty(), Optional.empty()).adopted()).isTrue();
    adopted();
  }

  @Test
  void whatCannotBeVisitedIsToldOnceAndDoesNotComeToTheBootstrapAgain() throws Exception {
    reports();
    adoptions.adopt(node(), Optional.empty(), Optional.empty());
    ends = new ExitStatus.Exited(1);
    says = List.of("mounting", "KINDLING-ERROR INS-071 /dev/os/root cannot be mounted for writing");
    reports();
    assertThat(node().reason()).startsWith("INS-071").contains("/dev/os/root");
    assertThat(bootsItsOwnDisk()).isTrue();
    reports();
    assertThat(kinds()).containsOnlyOnce("adoption-failed");
    assertThat(node().state()).isEqualTo(NodeState.ADOPTABLE);
  }

  @Test
  void aNodeOfThisApplianceIsNotAdopted() {
    Node node = bench.report(1);
    adoptions.reported(node);
    assertThat(ran).isEmpty();
    ApplianceException e =
        catchThrowableOfType(
            ApplianceException.class,
            () -> adoptions.adopt(node, Optional.empty(), Optional.empty()));
    assertThat(e.error()).isEqualTo(ApplianceError.NOT_ADOPTABLE);
  }

  @Test
  void anAdoptedMachineIsNeverInstalledWhateverIsOrdered() throws Exception {
    reports();
    letIn = true;
    adoptions.adopt(node(), Optional.empty(), Optional.empty());
    bench.keep(
        "networks: {management: {cidr: 10.20.0.0/24, dhcp: 10.20.0.100-10.20.0.199}}\n"
            + "nodes:\n- { match: { name: node-7 }, roles: [base] }\n");
    var lines =
        bench.deployer.deploy(
            new Deployer.Request(
                true, Set.of("node-7"), Set.of(), Set.of("node-7"), true, Set.of()));
    assertThat(lines).extracting("outcome").contains("refused");
    assertThat(lines.toString()).contains("APP-026");
    assertThat(bootsItsOwnDisk()).isTrue();
  }
}
