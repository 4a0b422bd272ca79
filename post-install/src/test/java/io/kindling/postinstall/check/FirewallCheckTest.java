package io.kindling.postinstall.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.check.CheckReport.Row;
import io.kindling.postinstall.openstack.Firewall;
import io.kindling.postinstall.openstack.Racks;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FirewallCheckTest {

  private final Firewall firewall = Racks.firewall();

  private List<Row> rows(String host, String how, String... lines) {
    var answers = new FirewallAnswers(Objects.requireNonNull(firewall.member(host)));
    for (String line : lines) {
      answers.line("KINDLING-CHECK " + line);
    }
    return answers.rows(how);
  }

  /// `CHK-032 n4, tcp 0.0.0.0:8000`.
  private List<String> findings(String host, String... lines) {
    return rows(host, "answers", lines).stream()
        .filter(row -> row.finding() != null)
        .map(row -> Objects.requireNonNull(row.finding()).error() + " " + row.subject())
        .toList();
  }

  @Test
  void whatThePlanPublishesOrTheLoopbackHasIsNoFinding() {
    assertThat(
            findings(
                "n4",
                "rules loaded",
                "listens tcp 0.0.0.0:22 sshd",
                "listens tcp [::]:22 sshd",
                "listens tcp 10.0.0.4:16514 libvirtd",
                "listens tcp 10.0.0.4:5901 qemu-system-x86",
                "listens tcp 127.0.0.1:6640 ovsdb-server",
                "listens tcp [::1]:323 chronyd",
                "listens udp 0.0.0.0:6081 ?",
                "listens udp 10.0.0.4%eth0:68 systemd-network",
                "listens udp [fe80::1]%eth0:546 systemd-network",
                "listens udp 0.0.0.0:40001 chronyd"))
        .isEmpty();
  }

  @Test
  void whatListensWhereNothingIsPublishedIsNamedWithItsProgram() {
    assertThat(
            findings(
                "n4",
                "rules loaded",
                "listens tcp 0.0.0.0:8000 python3",
                "listens tcp *:3306 mariadbd",
                "listens udp 0.0.0.0:5353 avahi-daemon",
                "listens tcp 0.0.0.0:40000 nc"))
        .containsExactly(
            "CHK-032 n4, tcp *:3306",
            "CHK-032 n4, tcp 0.0.0.0:40000",
            "CHK-032 n4, tcp 0.0.0.0:8000",
            "CHK-032 n4, udp 0.0.0.0:5353");
    assertThat(rows("n4", "answers", "rules loaded", "listens tcp 0.0.0.0:8000 python3").getLast())
        .extracting(Row::actual)
        .isEqualTo("python3 listens");
    // On the controller that database is meant.
    assertThat(findings("n1", "rules loaded", "listens tcp 10.0.0.1:3306 mariadbd")).isEmpty();
  }

  @Test
  void whatAnOperatorsOwnRulesSpeakOfIsMeant() {
    assertThat(
            findings(
                "n4",
                "rules loaded",
                "own tcp 9100",
                "listens tcp *:9100 node_exporter",
                "listens udp *:9100 other"))
        .containsExactly("CHK-032 n4, udp *:9100");
  }

  @Test
  void rulesThatAreNotLoadedOrAHostThatSaysNothingAreFound() {
    Row changed = rows("n4", "answers", "rules its rules are not loaded").getFirst();
    assertThat(changed.actual()).isEqualTo("its rules are not loaded");
    assertThat(Objects.requireNonNull(changed.finding()).error()).isEqualTo("CHK-031");
    Row silent = rows("n4", "no answer within 60 s", "rules loaded").getFirst();
    assertThat(silent.actual()).isEqualTo("no answer within 60 s");
    assertThat(Objects.requireNonNull(silent.finding()).error()).isEqualTo("CHK-031");
    assertThat(rows("n4", "answers").getFirst().finding()).as("nothing was said").isNotNull();
  }
}
