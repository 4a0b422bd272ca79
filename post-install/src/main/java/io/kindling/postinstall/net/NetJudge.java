package io.kindling.postinstall.net;

import io.kindling.postinstall.engine.Finding;
import io.kindling.postinstall.net.Heard.Place;
import io.kindling.postinstall.net.NetPlan.Network;
import io.kindling.postinstall.net.NetPlan.Node;
import io.kindling.postinstall.net.NetReport.Fault;
import io.kindling.postinstall.net.NetReport.Matrix;
import io.kindling.postinstall.net.NetReport.Port;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/// Turns what ports heard into matrices and findings. Pure; an instance judges one run.
final class NetJudge {

  /// Of many ports only so many are named in a sentence.
  static final int MOST_NAMED = 8;

  private final NetPlan plan;
  private final Map<String, NetAnswer> answers;
  private final Map<String, String> silent;
  private final Heard heard;
  private final List<Fault> faults = new ArrayList<>();

  /// Lanes with a finding that explains why nothing else works there.
  private final Set<Integer> blamed = new HashSet<>();

  /// @param answers of the nodes that answered to the end, by name
  /// @param silent why the others did not, by name
  NetJudge(NetPlan plan, Map<String, NetAnswer> answers, Map<String, String> silent) {
    this.plan = plan;
    this.answers = answers;
    this.silent = silent;
    this.heard = new Heard(plan, answers);
  }

  List<Fault> faults() {
    silent.forEach((node, why) -> add("", List.of(node), NetError.NODE, node + ": " + why));
    for (Network network : plan.networks()) {
      links(network);
      reach(network);
      large(network);
      new AddressJudge(answers, heard, this::add).judge(network, blamed);
    }
    new ServerJudge(answers, heard, this::add).judge(blamed);
    bonds();
    return List.copyOf(faults);
  }

  List<Matrix> matrices() {
    return plan.networks().stream().map(this::matrix).filter(m -> !m.ports().isEmpty()).toList();
  }

  private void links(Network network) {
    for (Place place : heard.of(network.name())) {
      NetAnswer.Port port = place.port();
      if (port == null) {
        continue; // the node has a finding of its own
      }
      if (port.device().equals("-")) {
        blame(network, place, NetError.NO_NIC, place.text());
      } else if (!port.link()) {
        blame(network, place, NetError.NO_LINK, place.text() + ", interface " + port.device());
      } else if (port.mtu() < network.mtu()) {
        add(
            network.name(),
            List.of(place.text()),
            NetError.NIC_MTU,
            "%s: %s has %d, planned %d"
                .formatted(place.text(), port.device(), port.mtu(), network.mtu()));
      }
    }
  }

  private List<Place> working(Network network) {
    return heard.of(network.name()).stream().filter(Place::works).toList();
  }

  private void reach(Network network) {
    List<Place> ports = working(network);
    if (ports.stream().map(p -> p.node().name()).distinct().count() < 2) {
      return; // nobody to reach
    }
    List<Set<Place>> groups = Groups.of(ports, heard::both);
    Set<Place> most = groups.getFirst();
    if (most.size() == 1) {
      apart(network, ports);
      return;
    }
    for (Set<Place> group : groups.subList(1, groups.size())) {
      for (Place port : group) {
        alone(network, port, most, group);
      }
    }
    odd(network, List.copyOf(most), (a, b) -> !heard.passes(a, b), NetError.ONE_WAY, "frames");
  }

  /// No two ports reach each other both ways: nobody knows which are right.
  private void apart(Network network, List<Place> ports) {
    var oneWay = new HashSet<Place>();
    for (Place a : ports) {
      for (Place b : ports) {
        if (!Heard.sameNode(a, b) && heard.passes(a, b)) {
          oneWay.addAll(List.of(a, b));
          add(
              network.name(),
              List.of(a.text(), b.text()),
              NetError.ONE_WAY,
              "frames pass from %s to %s, not back".formatted(a.text(), b.text()));
        }
      }
    }
    for (Place port : ports) {
      if (!oneWay.contains(port)) {
        lost(network, port, "");
      }
      blamed.add(port.lane().id());
    }
  }

  private void alone(Network network, Place port, Set<Place> most, Set<Place> group) {
    boolean sends = most.stream().anyMatch(other -> heard.passes(port, other));
    boolean hears = most.stream().anyMatch(other -> heard.passes(other, port));
    if (sends || hears) {
      String how =
          sends && hears
              ? "reaches some ports and is reached by others, none both ways"
              : sends ? "its frames arrive, it hears no other port" : "its frames do not arrive";
      blame(network, port, NetError.ONE_WAY, port.text() + ": " + how);
      return;
    }
    String with =
        group.size() == 1
            ? ""
            : "; it reaches "
                + named(group.stream().filter(p -> !p.equals(port)).map(Place::text).toList());
    lost(network, port, with);
  }

  private void lost(Network network, Place port, String with) {
    Set<String> foreign = heard.foreign(port);
    if (!foreign.isEmpty()) {
      blame(
          network,
          port,
          NetError.WRONG_VLAN,
          "%s: planned for %s, it is in the network of %s%s"
              .formatted(port.text(), words(network), String.join(" and ", foreign), with));
      return;
    }
    String note =
        port.lane().bond() == null
            ? ""
            : "; a port of an LACP group forwards nothing before a partner speaks, unless it has"
                + " LACP fallback";
    blame(
        network,
        port,
        NetError.NO_REACH,
        "%s, planned for %s%s%s".formatted(port.text(), words(network), with, note));
  }

  private void large(Network network) {
    List<Place> ports =
        working(network).stream()
            .filter(p -> !blamed.contains(p.lane().id()))
            .filter(p -> p.port() != null && p.port().mtu() >= network.mtu())
            .toList();
    BiPredicate<Place, Place> both =
        (a, b) -> heard.both(a, b) && heard.passesLarge(a, b) && heard.passesLarge(b, a);
    if (ports.stream().map(p -> p.node().name()).distinct().count() < 2) {
      return;
    }
    List<Set<Place>> groups = Groups.of(ports, both);
    Set<Place> most = groups.getFirst();
    if (most.size() > 1) {
      for (Set<Place> group : groups.subList(1, groups.size())) {
        for (Place port : group) {
          add(
              network.name(),
              List.of(port.text()),
              NetError.MTU,
              "%s: frames of %d bytes pass neither to nor from most other ports"
                  .formatted(port.text(), network.mtu()));
        }
      }
    }
    odd(
        network,
        most.size() > 1 ? List.copyOf(most) : ports,
        (a, b) -> heard.both(a, b) && !heard.passesLarge(a, b),
        NetError.MTU,
        "frames of " + network.mtu() + " bytes");
  }

  /// Pairs of ports between which something does not pass.
  private void odd(
      Network network,
      List<Place> ports,
      BiPredicate<Place, Place> bad,
      NetError error,
      String what) {
    BiPredicate<Place, Place> between = (a, b) -> !Heard.sameNode(a, b) && bad.test(a, b);
    for (Groups.Odd<Place> odd : Groups.explain(ports, between)) {
      Place port = odd.one();
      List<String> to = texts(odd.others().stream().filter(o -> between.test(port, o)).toList());
      List<String> from = texts(odd.others().stream().filter(o -> between.test(o, port)).toList());
      var seen = new ArrayList<String>();
      if (!to.isEmpty()) {
        seen.add("to " + named(to));
      }
      if (!from.isEmpty()) {
        seen.add("from " + named(from));
      }
      var all = new LinkedHashSet<>(List.of(port.text()));
      all.addAll(texts(odd.others()));
      add(
          network.name(),
          List.copyOf(all),
          error,
          "%s: %s do not pass %s".formatted(port.text(), what, String.join(", nor ", seen)));
    }
  }

  private void bonds() {
    for (Node node : plan.nodes()) {
      NetAnswer answer = answers.get(node.name());
      for (NetAnswer.Member member :
          answer == null ? List.<NetAnswer.Member>of() : answer.members) {
        boolean alone = member.lacp() && member.partner().matches("-|00(:00){5}");
        if (!member.link().equals("up") || alone) {
          add(
              "",
              List.of(node.name() + " " + member.name()),
              NetError.BOND,
              "%s, member %s of %s: link %s%s"
                  .formatted(
                      node.name(),
                      member.name(),
                      member.bond(),
                      member.link(),
                      alone ? ", no LACP partner" : ""));
        }
      }
    }
  }

  private Matrix matrix(Network network) {
    List<Place> ports = heard.of(network.name());
    var rows = new ArrayList<String>();
    for (Place from : ports) {
      var row = new StringBuilder();
      for (Place to : ports) {
        row.append(cell(from, to));
      }
      rows.add(row.toString());
    }
    return new Matrix(
        network.name(),
        network.vlan(),
        network.mtu(),
        ports.stream()
            .map(p ->
                new Port(
                    p.node().name(),
                    p.lane().nic(),
                    p.lane().mac(),
                    p.lane().far(),
                    p.lane().address()))
            .toList(),
        rows);
  }

  private char cell(Place from, Place to) {
    if (Heard.sameNode(from, to)) {
      return Matrix.OWN;
    }
    if (!from.asked() || !to.asked()) {
      return Matrix.UNKNOWN;
    }
    return heard.passes(from, to)
        ? heard.passesLarge(from, to) || !heard.both(from, to) ? Matrix.PASSES : Matrix.SMALL
        : Matrix.LOST;
  }

  private void blame(Network network, Place port, NetError error, String seen) {
    blamed.add(port.lane().id());
    add(network.name(), List.of(port.text()), error, seen);
  }

  private void add(String network, List<String> ports, NetError error, String seen) {
    faults.add(new Fault(network, ports, Finding.of(error, seen)));
  }

  private static List<String> texts(List<Place> ports) {
    return ports.stream().map(Place::text).toList();
  }

  private static String words(Network network) {
    return network.vlan() == 0
        ? network.name() + " (untagged)"
        : network.name() + " (VLAN " + network.vlan() + ")";
  }

  /// The first few of them.
  static String named(List<String> all) {
    return all.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
        + (all.size() > MOST_NAMED ? " and " + (all.size() - MOST_NAMED) + " more" : "");
  }
}
