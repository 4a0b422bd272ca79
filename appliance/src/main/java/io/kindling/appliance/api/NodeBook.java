package io.kindling.appliance.api;

import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Nodes as the API and the console list and show them: [NodeViews] with what is only seen beside
/// the other nodes. Thread-safe.
final class NodeBook {
  private final NodeStore nodes;
  private final NodeViews views;
  private final NodeListing listing;
  private final HardwareViews hardware;

  /// The comparison of the nodes as they were; the store gives another list when one has changed.
  private volatile Compared compared = new Compared(List.of(), Siblings.of(List.of()));

  private record Compared(List<Node> nodes, Siblings siblings) {}

  NodeBook(NodeStore nodes, NodeViews views) {
    this.nodes = nodes;
    this.views = views;
    this.listing = new NodeListing(nodes, views.presence());
    this.hardware = new HardwareViews(nodes);
  }

  NodeListing.Page find(NodeQuery query) {
    return listing.find(query);
  }

  Map<String, Object> row(Node node) {
    return views.row(node, siblings().hints(node));
  }

  Map<String, Object> view(Node node) {
    return views.of(node, siblings().hints(node));
  }

  /// The view with `hardware`.
  Map<String, Object> inDepth(Node node) {
    var view = new LinkedHashMap<>(view(node));
    view.put("hardware", hardware(node));
    return view;
  }

  /// Null where the node never reported.
  @Nullable Map<String, Object> hardware(Node node) {
    return hardware.of(node);
  }

  private Siblings siblings() {
    List<Node> now = nodes.all();
    Compared last = compared;
    if (last.nodes() != now) {
      last = new Compared(now, Siblings.of(now));
      compared = last;
    }
    return last.siblings();
  }
}
