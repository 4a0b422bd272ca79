package io.kindling.postinstall.net;

import io.kindling.postinstall.net.Heard.Place;
import io.kindling.postinstall.net.NetAnswer.Claim;
import io.kindling.postinstall.net.NetAnswer.Offer;
import io.kindling.postinstall.net.NetPlan.Dhcp;
import io.kindling.postinstall.net.NetPlan.Network;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a network's machines say of addresses: who uses which, who lends them, and whether the
/// gateway is there. Pure.
final class AddressJudge {

  private final Map<String, NetAnswer> answers;
  private final Heard heard;
  private final Faults faults;

  AddressJudge(Map<String, NetAnswer> answers, Heard heard, Faults faults) {
    this.answers = answers;
    this.heard = heard;
    this.faults = faults;
  }

  /// @param blamed lanes on which nothing works, as was told
  void judge(Network network, Set<Integer> blamed) {
    var claims = new TreeMap<String, TreeMap<String, TreeSet<String>>>();
    for (Claim claim : claims(network)) {
      claims
          .computeIfAbsent(claim.address(), _ -> new TreeMap<>())
          .computeIfAbsent(claim.mac(), _ -> new TreeSet<>())
          .add(heard.place(claim.lane()).text());
    }
    var duplicates = new TreeSet<String>();
    claims.forEach((address, macs) -> {
      if (duplicate(network, address, macs)) {
        duplicates.add(address);
      }
    });
    lenders(network, blamed);
    gateway(network, blamed, duplicates, claims);
  }

  private List<Claim> claims(Network network) {
    var claims = new ArrayList<Claim>();
    answers
        .values()
        .forEach(answer ->
            answer.claims.stream().filter(c -> isOf(c.lane(), network)).forEach(claims::add));
    return claims;
  }

  private boolean isOf(int lane, Network network) {
    return heard.of(network.name()).stream().anyMatch(p -> p.lane().id() == lane);
  }

  private boolean duplicate(Network network, String address, Map<String, TreeSet<String>> macs) {
    List<Place> owners =
        heard.of(network.name()).stream().filter(p -> p.lane().address().equals(address)).toList();
    String whose;
    Set<String> right = new TreeSet<>();
    if (!owners.isEmpty()) {
      whose = owners.getFirst().node().name() + "'s";
      if (owners.stream().map(p -> p.node().name()).distinct().count() == 1) {
        NetAnswer own = answers.get(owners.getFirst().node().name());
        if (own == null) {
          return false; // not known which are its own
        }
        right.addAll(own.macs);
      }
    } else if (network.vips().contains(address)) {
      whose = "the vip";
      answers.values().forEach(answer -> right.addAll(answer.macs));
    } else if (address.equals(network.gateway())) {
      whose = "the gateway's";
      if (macs.size() == 1) {
        return false;
      }
    } else {
      return false;
    }
    List<String> others = macs.keySet().stream().filter(mac -> !right.contains(mac)).toList();
    if (others.isEmpty()) {
      return false;
    }
    var hearers = new TreeSet<String>();
    others.forEach(mac -> hearers.addAll(Objects.requireNonNull(macs.get(mac))));
    faults.add(
        network.name(),
        owners.isEmpty() ? List.copyOf(hearers) : owners.stream().map(Place::text).toList(),
        NetError.DUPLICATE,
        "%s, planned as %s, is used by %s; heard at %s"
            .formatted(
                address,
                whose,
                NetJudge.named(others.stream().map(this::known).toList()),
                NetJudge.named(List.copyOf(hearers))));
    return true;
  }

  /// The hardware address, and whose it is where it is a node's.
  private String known(String mac) {
    return answers.entrySet().stream()
        .filter(e -> e.getValue().macs.contains(mac))
        .map(e -> mac + " (" + e.getKey() + ")")
        .findFirst()
        .orElse(mac);
  }

  private void lenders(Network network, Set<Integer> blamed) {
    record Lender(String server, String mac) {}
    var lenders = new LinkedHashMap<Lender, List<Offer>>();
    for (NetAnswer answer : answers.values()) {
      for (Offer offer : answer.offers) {
        boolean right =
            switch (network.dhcp()) {
              case Dhcp.Nobody _ -> false;
              case Dhcp.Site _ -> true;
              case Dhcp.Appliance(String address) -> offer.server().equals(address);
            };
        // A port in another VLAN hears that one's server.
        if (!right && !blamed.contains(offer.lane()) && isOf(offer.lane(), network)) {
          lenders
              .computeIfAbsent(new Lender(offer.server(), offer.mac()), _ -> new ArrayList<>())
              .add(offer);
        }
      }
    }
    lenders.forEach((lender, offers) -> {
      List<String> ports =
          offers.stream().map(o -> heard.place(o.lane()).text()).distinct().sorted().toList();
      faults.add(
          network.name(),
          ports,
          NetError.FOREIGN_DHCP,
          "server %s, hardware address %s, offers %s; heard at %s"
              .formatted(
                  lender.server(),
                  known(lender.mac()),
                  offers.getFirst().address(),
                  NetJudge.named(ports)));
    });
  }

  private void gateway(
      Network network,
      Set<Integer> blamed,
      Set<String> duplicates,
      Map<String, TreeMap<String, TreeSet<String>>> claims) {
    String gateway = network.gateway();
    if (gateway == null) {
      return;
    }
    Set<String> hearers = new TreeSet<>();
    claims.getOrDefault(gateway, new TreeMap<>()).values().forEach(hearers::addAll);
    List<String> without =
        heard.of(network.name()).stream()
            .filter(Place::works)
            .filter(p -> !blamed.contains(p.lane().id()))
            .filter(p -> !duplicates.contains(p.lane().address())) // it does not ask then
            .map(Place::text)
            .filter(port -> !hearers.contains(port))
            .toList();
    if (!without.isEmpty()) {
      faults.add(
          network.name(),
          without,
          NetError.GATEWAY,
          "%s of %s is silent to %s"
              .formatted(
                  gateway,
                  network.name(),
                  hearers.isEmpty() ? "every port" : NetJudge.named(without)));
    }
  }
}
