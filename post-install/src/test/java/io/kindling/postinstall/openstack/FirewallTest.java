package io.kindling.postinstall.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.Firewall.Member;
import io.kindling.postinstall.openstack.Firewall.Opening;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FirewallTest {

  private final Firewall firewall = Racks.firewall();

  private Member member(String name) {
    return Objects.requireNonNull(firewall.member(name));
  }

  private String rules(String name) {
    return FirewallRules.of(firewall, member(name));
  }

  /// `ssh from @admin`, in the order of the file.
  private List<String> openings(String name) {
    return member(name).openings().stream()
        .map(o ->
            "%s %s from %s%s"
                .formatted(
                    o.protocol(), o.ports(), o.from(), o.at().isEmpty() ? "" : " at " + o.at()))
        .toList();
  }

  @Test
  void aComputeIsReachedByComputesAndControllersAlone() {
    assertThat(openings("n4"))
        .containsExactly(
            "tcp 22 from ADMIN",
            "udp 6081 from OPENSTACK",
            "tcp 16514 from COMPUTES",
            "tcp 49152-49215 from COMPUTES",
            "tcp 5900-6799 from CONTROLLERS");
    assertThat(rules("n4"))
        .contains(
            "    ip saddr @computes tcp dport { 49152-49215 } accept comment \"guests that move"
                + " in\"\n",
            "  set computes {\n    type ipv4_addr\n    elements = { 10.0.0.4, 10.0.0.5, 10.0.1.4,"
                + " 10.0.1.5, 10.0.2.4, 10.0.2.5 }\n");
  }

  @Test
  void aHostOfCephAloneServesTheClustersHostsAlone() {
    assertThat(openings("n3"))
        .containsExactly(
            "tcp 22 from ADMIN", "tcp 3300, 6789 from HOSTS", "tcp 6800-7568 from HOSTS");
  }

  @Test
  void usersReachTheVirtualAddressesAlone() {
    assertThat(openings("n2").stream().filter(o -> o.contains("ANYBODY")))
        .contains("tcp 5000 from ANYBODY at [10.0.0.9]", "tcp 6780 from ANYBODY at [10.0.0.9]")
        .allMatch(o -> o.contains(" at ["));
    assertThat(rules("n2"))
        .contains(
            "    ip daddr { 10.0.0.9 } tcp dport { 5000 } accept comment \"identity with TLS\"\n",
            "    ip saddr @gateways ip protocol 112 accept comment \"VRRP\"\n");
  }

  @Test
  void whatServicesKeepForEachOtherIsOnTheControllerThatHasThem() {
    assertThat(openings("n1"))
        .contains(
            "tcp 3306 from CONTROLLERS",
            "tcp 5672 from OPENSTACK",
            "tcp 4369, 25672 from CONTROLLERS",
            "tcp 6641-6642 from OPENSTACK",
            "tcp 9293 from OPENSTACK",
            "tcp 5000 from CONTROLLERS");
    assertThat(rules("n2")).doesNotContain("MariaDB", "RabbitMQ", "OVN");
  }

  @Test
  void everyHostDropsTheRestAndWhatAGuestSends() {
    for (Member member : firewall.members()) {
      assertThat(FirewallRules.of(firewall, member))
          .contains(
              "priority filter; policy drop;\n",
              "iifname \"tap*\" counter name \"guests\" drop\n",
              "elements = { 10.0.0.0/24, 10.0.0.254, 192.0.2.0/24 }\n",
              "ip saddr @admin tcp dport { 22 } accept")
          .startsWith(
              """
              #!/usr/sbin/nft -f
              # Written by Kindling; changes by hand are undone.
              table inet kindling
              delete table inet kindling
              table inet kindling {
              """);
    }
  }

  @Test
  void anOpeningKnowsItsPorts() {
    var opening = new Opening("x", "tcp", "22, 6800-7568", Firewall.From.HOSTS, List.of());
    for (int port : List.of(22, 6800, 7000, 7568)) {
      assertThat(opening.covers("tcp", port)).as("" + port).isTrue();
    }
    for (int port : List.of(21, 23, 6799, 7569)) {
      assertThat(opening.covers("tcp", port)).as("" + port).isFalse();
    }
    assertThat(opening.covers("udp", 22)).isFalse();
    assertThat(new Opening("v", "112", "", Firewall.From.HOSTS, List.of()).covers("tcp", 112))
        .isFalse();
  }

  @Test
  void aChangeIsAFileAndALoadThatNoServiceNotices() {
    Graph graph = FirewallPlan.of(firewall, null);
    assertThat(graph.tasks()).hasSize(1);
    assertThat(graph.tasks().getFirst().scope().hosts())
        .containsExactly("n1", "n2", "n3", "n4", "n5");
    var items = Objects.requireNonNull(graph.tasks().getFirst().items().get("n1"));
    assertThat(items)
        .filteredOn(ManagedFile.class::isInstance)
        .extracting(i -> ((ManagedFile) i).path())
        .contains("/etc/kindling/firewall.nft");
    // Not restarted by the file: for a moment there would be no rules.
    assertThat(items)
        .filteredOn(Unit.class::isInstance)
        .containsExactly(Unit.running("kindling-firewall.service"));
    assertThat(items.getLast()).isInstanceOf(Action.class);
  }

  @Test
  void aFirewallThatLetsNoAdministratorInIsRefused() {
    assertThatThrownBy(() -> new Firewall(new TreeSet<>(Set.of()), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
