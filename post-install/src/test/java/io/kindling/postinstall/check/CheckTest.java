package io.kindling.postinstall.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.ceph.Models;
import io.kindling.postinstall.check.CheckReport.Row;
import io.kindling.postinstall.engine.Finding;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.LineSink;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckTest {

  /// Words of Ceph, Nova and Placement.
  private static final Set<String> OTHERS = Set.of("HEALTH_OK", "ACTIVE", "VCPU");

  private final CephModel model = Models.hosts(3, 2, List.of("management"));
  private final Node node = model.nodes().getFirst();

  @ParameterizedTest
  @CsvSource({
    "0.000012 Normal, true",
    "-0.05 Normal, true",
    "0.0501 Normal, false",
    "-3600.1 Normal, false",
    "0.0 Not synchronised, false",
    "506 Cannot talk to daemon, false",
    "0.0, false"
  })
  void aClockIsRightWithin50MillisecondsOfASourceItFollows(String said, boolean right) {
    var check = new NodeCheck(model, node);
    check.line("KINDLING-CHECK clock - " + said);
    assertThat(row(check.rows(), "clocks", "n1").finding() == null).isEqualTo(right);
  }

  @Test
  void whatANodeDoesNotSayIsAFinding() {
    assertThat(new NodeCheck(model, node).rows()).allMatch(row -> row.finding() != null);
  }

  @Test
  void aNodeIsAskedForWhatItIsToRunAlone() {
    assertThat(new NodeCheck(model, node).questions())
        .containsSubsequence("unit", "ceph-radosgw@rgw.n1.service", "unit", "haproxy.service")
        .containsSubsequence("vip", "10.9.0.200")
        .containsSubsequence("url", "http://10.9.0.200:8080/swift/healthcheck");
    assertThat(new NodeCheck(model, model.nodes().get(2)).questions())
        .doesNotContain("vip", "url", "haproxy.service")
        .contains("ceph-mon@n3.service");
  }

  @Test
  void anOsdIsTheOneWhosePartitionAndDbArePlanned() {
    var check = new NodeCheck(model, node);
    Osd osd = node.osds().getFirst();
    check.line("KINDLING-CHECK osd " + osd.partition() + " 7 " + osd.db());
    assertThat(check.number(osd)).hasValue(7);
    assertThat(osdRow(check, osd).finding()).isNull();

    var other = new NodeCheck(model, node);
    other.line("KINDLING-CHECK osd " + osd.partition() + " 7 " + new UUID(9, 9));
    assertThat(osdRow(other, osd).finding()).isNotNull();

    var missing = new NodeCheck(model, node);
    missing.line("KINDLING-CHECK osd " + osd.partition() + " KINDLING-ERROR CEPH-005 no partition");
    assertThat(missing.number(osd)).isEmpty();
    assertThat(osdRow(missing, osd).actual()).contains("CEPH-005");
  }

  @Test
  void thePlanOfACheckHoldsNoKey() {
    assertThat(ClusterCheck.plan(model, List.of(new NodeCheck(model, node))))
        .doesNotContain("AQBkey")
        .contains("\"keyring\":\"/var/lib/kindling/ceph/client.glance.keyring\"")
        .contains("\"images\":\"read and write\"");
  }

  @Test
  void aFindingHasItsErrorItsCauseAndItsCure() {
    var check = new Answers();
    check.line(
        "KINDLING-CHECK {\"check\":\"access\",\"subject\":\"client.glance on volumes\","
            + "\"expected\":\"nothing\",\"actual\":\"read\",\"error\":\"ACCESS_TOO_MUCH\"}");
    check.line("KINDLING-CHECK-END");
    Finding finding =
        Objects.requireNonNull(
            check.rows("cluster", "", CheckError.NO_ANSWER).getFirst().finding());
    assertThat(finding.error()).isEqualTo("CHK-012");
    assertThat(finding.seen()).isEqualTo("client.glance on volumes: read, expected nothing.");
    assertThat(finding.cure()).isNotEmpty();
  }

  @Test
  void aCheckThatBrokeOffIsAFinding() {
    var check = new Answers();
    check.line(
        "KINDLING-CHECK {\"check\":\"quorum\",\"subject\":\"n1\",\"expected\":\"in quorum\","
            + "\"actual\":\"in quorum\",\"error\":null}");
    check.line("the cluster does not answer: timed out");
    List<Row> rows = check.rows("cluster", "exit 75", CheckError.NO_ANSWER);
    assertThat(rows).hasSize(2);
    assertThat(rows.getLast().actual()).isEqualTo("the cluster does not answer: timed out");
    assertThat(rows.getLast().finding()).isNotNull();
  }

  @Test
  void aStepSaysHowLongItTook() {
    var check = new Answers();
    check.line(
        "KINDLING-CHECK {\"check\":\"openstack\",\"subject\":\"object by S3\",\"expected\":\"a\","
            + "\"actual\":\"a\",\"error\":null,\"seconds\":1.5}");
    assertThat(check.rows("openstack", "", CheckError.SERVICES).getFirst().seconds())
        .isEqualTo(1.5);
  }

  @ParameterizedTest
  @CsvSource({
    "ceph-check.py, 10",
    "openstack-check.py, 5",
    "openstack_guests.py, 4",
    "openstack_services.py, 4"
  })
  void aProgramNamesErrorsOfTheCatalogueAlone(String program, int least) throws Exception {
    var text =
        Files.readString(
            Path.of("src/main/resources/io/kindling/postinstall/check").resolve(program));
    List<String> known = Arrays.stream(CheckError.values()).map(Enum::name).toList();
    var named = Pattern.compile("\"([A-Z][A-Z_0-9]{2,})\"[,)]").matcher(text);
    int count = 0;
    while (named.find()) {
      if (!OTHERS.contains(named.group(1)) && !named.group(1).startsWith("KINDLING")) {
        assertThat(known).contains(named.group(1));
        count++;
      }
    }
    assertThat(count).isGreaterThan(least);
  }

  @Test
  void aNodeThatLetsNobodyInIsAFindingAndTheOthersAreLookedAt() throws Exception {
    SshConnector connector =
        (address, port, user, keys) ->
            address.equals("10.0.0.2")
                ? new SshConnector.Refused(SshConnector.Reason.UNREACHABLE, "no route")
                : new SshConnector.Connected(new Answering());
    CheckReport report = new CephCheck(connector).run(model);
    assertThat(report.good()).isFalse();
    assertThat(row(report.rows(), "nodes", "n1").finding()).isNull();
    assertThat(Objects.requireNonNull(row(report.rows(), "nodes", "n2").finding()).error())
        .isEqualTo("CHK-001");
    assertThat(row(report.rows(), "clocks", "n3").finding()).isNull();
    assertThat(report.rows())
        .noneMatch(r -> r.check().equals("clocks") && r.subject().equals("n2"));
    assertThat(row(report.rows(), "vips", "10.9.0.200").actual()).isEqualTo("on no host");
    assertThat(row(report.rows(), "cluster", "cluster").finding()).isNotNull();
  }

  private static Row osdRow(NodeCheck check, Osd osd) {
    return row(check.rows(), "osds", "n1 partition " + osd.partition());
  }

  private static Row row(List<Row> rows, String check, String subject) {
    return rows.stream()
        .filter(row -> row.check().equals(check) && row.subject().equals(subject))
        .findFirst()
        .orElseThrow();
  }

  /// A node whose clock is right, and which says nothing else.
  private static final class Answering implements SshSession {
    @Override
    public ExitStatus run(Script script, LineSink out, Duration limit) {
      out.line("KINDLING-CHECK clock - 0.0 Normal");
      return new ExitStatus.Exited(0);
    }

    @Override
    public ExitStatus put(byte[] content, String path, String mode, Duration limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean alive() {
      return true;
    }

    @Override
    public void close() {
      // nothing is open
    }
  }
}
