package io.kindling.postinstall.net;

import io.kindling.postinstall.net.NetAnswer.Port;
import io.kindling.postinstall.net.NetPlan.Lane;
import io.kindling.postinstall.net.NetPlan.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The plan beside what was heard: which frames passed from which port to which. Pure.
final class Heard {

  /// A planned network on a port, its node, and what the node said of the port.
  ///
  /// @param port null where the node did not answer
  record Place(Node node, Lane lane, @org.jspecify.annotations.Nullable Port port) {
    String text() {
      return lane.port(node);
    }

    boolean asked() {
      return port != null;
    }

    boolean works() {
      return port != null && !port.device().equals("-") && port.link();
    }
  }

  private final Map<Integer, Place> places = new HashMap<>();
  private final Map<String, List<Place>> byNetwork = new HashMap<>();
  private final Map<Integer, Map<Integer, String>> heard = new HashMap<>();

  Heard(NetPlan plan, Map<String, NetAnswer> answers) {
    for (Node node : plan.nodes()) {
      NetAnswer answer = answers.get(node.name());
      for (Lane lane : node.lanes()) {
        var place = new Place(node, lane, answer == null ? null : answer.ports.get(lane.id()));
        places.put(lane.id(), place);
        byNetwork.computeIfAbsent(lane.network(), _ -> new ArrayList<>()).add(place);
        if (answer != null) {
          heard.put(lane.id(), answer.heard.getOrDefault(lane.id(), Map.of()));
        }
      }
    }
  }

  Place place(int lane) {
    Place place = places.get(lane);
    if (place == null) {
      throw new IllegalArgumentException("no lane " + lane);
    }
    return place;
  }

  List<Place> of(String network) {
    return byNetwork.getOrDefault(network, List.of());
  }

  private String frames(Place from, Place to) {
    return heard.getOrDefault(to.lane().id(), Map.of()).getOrDefault(from.lane().id(), "");
  }

  /// Frames addressed to the port arrive; where the sender could not know the port's address,
  /// having heard nothing from it, broadcasts do.
  boolean passes(Place from, Place to) {
    String frames = frames(from, to);
    return frames.contains("s") || frames.contains("b") && frames(to, from).isEmpty();
  }

  boolean passesLarge(Place from, Place to) {
    return frames(from, to).contains("l");
  }

  boolean both(Place a, Place b) {
    return passes(a, b) && passes(b, a);
  }

  /// Other networks whose ports hear this one, or are heard by it.
  Set<String> foreign(Place port) {
    var networks = new TreeSet<String>();
    heard.getOrDefault(port.lane().id(), Map.of()).keySet().stream()
        .filter(places::containsKey)
        .forEach(from -> networks.add(place(from).lane().network()));
    heard.forEach((to, from) -> {
      if (from.containsKey(port.lane().id())) {
        networks.add(place(to).lane().network());
      }
    });
    networks.remove(port.lane().network());
    return networks;
  }

  static boolean sameNode(Place a, Place b) {
    return a.node().name().equals(b.node().name());
  }
}
