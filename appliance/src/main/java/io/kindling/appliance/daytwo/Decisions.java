package io.kindling.appliance.daytwo;

import io.kindling.appliance.deploy.NodeOsds;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.facts.Facts;
import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.ceph.CephTools;
import io.kindling.postinstall.daytwo.DayTwoError;
import io.kindling.postinstall.daytwo.Order;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.openstack.OpenStackModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// From a request to an order: asks the nodes concerned what they have, decides everything that is
/// left open. Thread-safe.
public final class Decisions {
  /// Numbers of plans after the installation's own, for up to so many changes each.
  private static final int PLANS = 1000;

  private final NodeStore nodes;
  private final NodeOsds osds;
  private final NodeAsk ask;
  private final Drives drives;

  public Decisions(
      NodeStore nodes,
      NodeOsds osds,
      NodeAsk ask,
      io.kindling.appliance.machines.AgentScript agent) {
    this.nodes = nodes;
    this.osds = osds;
    this.ask = ask;
    this.drives = new Drives(ask, agent);
  }

  /// @throws DayTwoException where it cannot be
  Order decide(CephModel model, Optional<OpenStackModel> openstack, Request request)
      throws InterruptedException {
    return switch (request) {
      case Request.Maintain(String name, Request.Step step) -> {
        member(model, name);
        yield switch (step) {
          case ENTER -> new Order.Enter(name);
          case EXIT -> new Order.Exit(name);
          case REBOOT -> new Order.Reboot(name, UUID.randomUUID());
        };
      }
      case Request.Add add -> add(model, add);
      case Request.Replace replace -> replace(model, replace);
      case Request.Evacuate evacuate -> evacuate(openstack, evacuate);
      case Request.Retire(String name) -> new Order.Retire(compute(openstack, name).name());
    };
  }

  private static Host compute(Optional<OpenStackModel> openstack, String name) {
    return openstack.stream()
        .flatMap(model -> model.computes().stream())
        .filter(host -> host.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new DayTwoException(DayTwoError.NOT_A_COMPUTE, name));
  }

  private static Order evacuate(Optional<OpenStackModel> openstack, Request.Evacuate request) {
    Host compute = compute(openstack, request.node());
    if (!request.off()) {
      throw new DayTwoException(DayTwoError.NOT_SEEN_OFF, request.node());
    }
    return new Order.Evacuate(compute.name(), compute.address());
  }

  private Order add(CephModel model, Request.Add request) throws InterruptedException {
    CephModel.Node member = member(model, request.node());
    if (!member.parts().contains(Part.OSD)) {
      throw new DayTwoException(DayTwoError.NOT_A_MEMBER, member.name() + " has no OSDs");
    }
    Node node = node(member);
    Drives.Found found = drives.look(member.host());
    var free = new ArrayList<>(osds.freeDbs(node));
    var chosen = new ArrayList<Order.Drive>();
    for (Facts.Disk disk : Drives.choose(node, found, request.disks())) {
      UUID db = free.isEmpty() ? null : free.removeFirst();
      chosen.add(Drives.lay(node, number(node), found.facts(), disk, db));
    }
    return new Order.Add(member.name(), chosen);
  }

  private Order replace(CephModel model, Request.Replace request) throws InterruptedException {
    List<Host> mons = model.with(Part.MON).stream().map(CephModel.Node::host).toList();
    String id = "" + request.osd();
    String[] told =
        NodeAsk.tagged(ask.askAny(mons, CephTools.askAlong("tell_osd", id)), "KINDLING-OSD")
            .stream()
            .filter(words -> words.length >= 2)
            .findFirst()
            .orElseThrow(() -> new DayTwoException(DayTwoError.UNKNOWN_OSD, "osd." + id));
    UUID uuid = UUID.fromString(told[0]);
    CephModel.Node member = member(model, told[1]);
    Node node = node(member);
    Osd lost = lost(request.osd(), uuid, osds.of(node), whose(member.host(), osds.of(node)));
    Drives.Found found = drives.look(member.host());
    List<Facts.Disk> chosen =
        Drives.choose(node, found, request.disk().map(List::of).orElse(List.of()));
    return new Order.Replace(
        member.name(),
        request.osd(),
        uuid,
        lost.partition(),
        Drives.lay(node, number(node), found.facts(), chosen.getFirst(), lost.db()),
        request.how());
  }

  /// Partition → the uuid of the OSD that it or its db belongs to; what cannot be read is not
  /// there.
  private Map<UUID, UUID> whose(Host host, List<Osd> osds) throws InterruptedException {
    var partitions = new LinkedHashSet<String>();
    for (Osd osd : osds) {
      Stream.of(osd.partition(), osd.db())
          .forEach(p -> {
            if (p != null) {
              partitions.add(p.toString());
            }
          });
    }
    var words = new ArrayList<>(List.of("list"));
    words.addAll(partitions);
    var whose = new HashMap<UUID, UUID>();
    for (String[] line :
        NodeAsk.tagged(
            ask.ask(host, CephTools.osdAlong(words.toArray(String[]::new))), "KINDLING-PART")) {
      if (line.length == 3 && line[2].length() == 36) {
        whose.put(UUID.fromString(line[0]), UUID.fromString(line[2]));
      }
    }
    return whose;
  }

  /// Which of the node's OSDs is the one with that uuid: by its own label, by its db's, else the
  /// only one that cannot be read.
  static Osd lost(int id, UUID uuid, List<Osd> osds, Map<UUID, UUID> whose) {
    for (Osd osd : osds) {
      if (uuid.equals(whose.get(osd.partition())) || uuid.equals(of(whose, osd.db()))) {
        return osd;
      }
    }
    List<Osd> unread =
        osds.stream()
            .filter(osd -> !whose.containsKey(osd.partition()) && of(whose, osd.db()) == null)
            .toList();
    if (unread.size() != 1) {
      throw new DayTwoException(DayTwoError.UNCLEAR, "osd.%d; unread: %s".formatted(id, unread));
    }
    return unread.getFirst();
  }

  private static @Nullable UUID of(Map<UUID, UUID> whose, @Nullable UUID partition) {
    return partition == null ? null : whose.get(partition);
  }

  private int number(Node node) {
    Assignment assignment = node.assignment();
    int attempt = assignment == null ? 1 : assignment.attempt();
    return attempt * PLANS + osds.changes(node);
  }

  private Node node(CephModel.Node member) {
    return nodes
        .find(member.host().node())
        .orElseThrow(() -> new DayTwoException(DayTwoError.NOT_A_MEMBER, member.name()));
  }

  private static CephModel.Node member(CephModel model, String name) {
    return model.nodes().stream()
        .filter(n -> n.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new DayTwoException(DayTwoError.NOT_A_MEMBER, name));
  }
}
