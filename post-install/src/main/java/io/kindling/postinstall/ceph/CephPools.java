package io.kindling.postinstall.ceph;

import static io.kindling.postinstall.ceph.CephFiles.keyring;

import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.ceph.CephModel.Pool;
import io.kindling.postinstall.ceph.CephModel.User;
import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import java.util.ArrayList;
import java.util.List;

/// CRUSH, pools, and the users that services are. Pure.
final class CephPools {

  private final CephModel model;

  CephPools(CephModel model) {
    this.model = model;
  }

  List<Item> pools() {
    var items = new ArrayList<Item>();
    var racks = new java.util.TreeSet<String>();
    for (Node node : model.with(Part.OSD)) {
      String rack = node.rack();
      if (rack != null) {
        var move = new ArrayList<Command>();
        if (racks.add(rack)) {
          move.add(Command.of("ceph", "osd", "crush", "add-bucket", rack, "rack"));
          move.add(Command.of("ceph", "osd", "crush", "move", rack, "root=default"));
        }
        move.add(Command.of("ceph", "osd", "crush", "move", node.name(), "rack=" + rack));
        items.add(
            new Action(
                "host " + node.name() + " in rack " + rack,
                Probe.ask("rack", node.name(), rack),
                move));
      }
    }
    // Clone v2: images can be deleted while clones live. Every client here is newer than mimic.
    items.add(
        new Action(
            "clients since mimic",
            Probe.ask("compat", "mimic"),
            List.of(Command.of("ceph", "osd", "set-require-min-compat-client", "mimic"))));
    model.pools().forEach(pool -> pool(pool, items));
    return items;
  }

  private void pool(Pool pool, List<Item> items) {
    Redundancy redundancy = model.redundancy();
    String name = pool.name();
    String pgs = "" + pool.pgNum();
    String rule = "replicated_rule";
    var create =
        new ArrayList<>(
            List.of("ceph", "osd", "pool", "create", name, pgs, pgs, "replicated", rule));
    create.addAll(List.of("--autoscale-mode=off", "--size=" + redundancy.size()));
    if (redundancy.size() == 1 || name.startsWith(".")) {
      create.add("--yes-i-really-mean-it"); // a single copy; a name that looks like a system's own
    }
    items.add(
        new Action(
            "pool " + name,
            Probe.ask("made", name, pool.application()),
            List.of(
                new Command(create), // where it is there already this changes nothing
                pool.application().equals("rbd")
                    ? Command.of("rbd", "pool", "init", name)
                    : Command.of(
                        "ceph",
                        "osd",
                        "pool",
                        "application",
                        "enable",
                        name,
                        pool.application()))));
    var change = new ArrayList<Command>();
    change.add(set(name, "pg_autoscale_mode", "off"));
    change.add(
        redundancy.size() == 1
            ? Command.of("ceph", "osd", "pool", "set", name, "size", "1", "--yes-i-really-mean-it")
            : set(name, "size", "" + redundancy.size()));
    change.add(set(name, "min_size", "" + redundancy.minSize()));
    change.add(set(name, "crush_rule", rule));
    change.add(set(name, "pg_num", pgs));
    items.add(
        new Action(
            "settings of pool " + name,
            Probe.ask("pool", name, pgs, "" + redundancy.size(), "" + redundancy.minSize(), rule),
            change));
  }

  private static Command set(String pool, String name, String value) {
    return Command.of("ceph", "osd", "pool", "set", pool, name, value);
  }

  List<Item> users() {
    var items = new ArrayList<Item>();
    for (User user : model.users()) {
      String file = CephPlan.keyringOf(user.entity());
      items.add(CephFiles.whole(model, user, file));
      var caps = new ArrayList<String>(); // each capability is one argument, spaces and all
      user.caps().forEach((type, cap) -> caps.addAll(List.of(type, cap)));
      var change = new ArrayList<>(List.of("ceph", "auth", "caps", user.entity()));
      change.addAll(caps);
      items.add(
          user.keyWithService()
              ? new Action(
                  "user " + user.entity(),
                  Probe.ask("known", user.entity()),
                  List.of(imported(file)))
              : CephPlan.key(user.entity()));
      var is = new ArrayList<>(List.of(user.entity()));
      is.addAll(caps);
      items.add(
          new Action(
              "capabilities of " + user.entity(),
              Probe.ask("may", is),
              List.of(new Command(change))));
    }
    return items;
  }

  static Command imported(String keyring) {
    return Command.of("ceph", "auth", "import", "-i", keyring);
  }

  List<Item> keyrings(Node node) {
    var items = new ArrayList<Item>();
    for (User user : model.users()) {
      if (user.nodes().contains(node.name())) {
        items.add(
            keyring(
                model,
                user.entity(),
                "/etc/ceph/ceph." + user.entity() + ".keyring",
                user.owner(),
                user.owner().equals("root") ? "0600" : "0640"));
      }
    }
    return items;
  }
}
