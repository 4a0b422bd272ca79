package io.kindling.postinstall.ceph;

import static io.kindling.postinstall.ceph.CephFiles.keyring;

import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Folder;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Monitors, managers and OSDs: what each host runs of them, and what is waited for. Pure.
final class CephDaemons {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LONG = Duration.ofMinutes(5);

  private final CephModel model;

  CephDaemons(CephModel model) {
    this.model = model;
  }

  List<Item> monitor(Node node) {
    String id = node.name();
    String store = "/var/lib/ceph/mon/ceph-" + id;
    String fsid = model.fsid().toString();
    var monmap =
        new ArrayList<>(
            List.of(
                "monmaptool", "--create", "--clobber", "--fsid", fsid, "--enable-all-features"));
    monmap.addAll(List.of("--set-min-mon-release", "reef"));
    for (Node mon : model.with(Part.MON)) {
      monmap.addAll(List.of("--addv", mon.name(), CephFiles.addresses(mon)));
    }
    monmap.add(CephFiles.HOME + "/monmap");
    return List.of(
        CephFiles.monKeyring(model),
        ManagedFile.of(CephFiles.HOME + "/fsid", fsid + "\n"),
        Unit.off("ceph-mon.service"), // Debian's own, by the full host name
        // Beside its place first: a store that was broken off is never taken for a whole one.
        new Action(
            "monitor " + id,
            Command.of(CephFiles.MON_PRESENT, id, fsid),
            List.of(
                new Command(monmap),
                Command.of("rm", "-rf", store + ".new"),
                Command.of(
                    "install", "-d", "-o", "ceph", "-g", "ceph", "-m", "0750", store + ".new"),
                Command.of(
                    "ceph-mon",
                    "--mkfs",
                    "-i",
                    id,
                    "--mon-data",
                    store + ".new",
                    "--monmap",
                    CephFiles.HOME + "/monmap",
                    "--keyring",
                    CephFiles.MON_KEYRING,
                    "--setuser",
                    "ceph",
                    "--setgroup",
                    "ceph"),
                Command.of(
                    "install",
                    "-o",
                    "ceph",
                    "-g",
                    "ceph",
                    "-m",
                    "0644",
                    CephFiles.HOME + "/fsid",
                    store + ".new/kindling-fsid"),
                Command.of("mv", "-T", store + ".new", store))),
        Unit.running("ceph-mon@" + id + ".service"));
  }

  List<Item> quorum() {
    return List.of(
        new Gate("quorum", Probe.ask("quorum", model.names(Part.MON)), PATIENCE, CephError.QUORUM));
  }

  List<Item> manager(Node node) {
    String id = node.name();
    String home = "/var/lib/ceph/mgr/ceph-" + id;
    return List.of(
        CephFiles.file(CephFiles.BCRYPT, "bcrypt.py"),
        new Folder(home, "ceph", "ceph", "0750"),
        keyring(model, "mgr." + id, home + "/keyring", "ceph", "0600"),
        Unit.running("ceph-mgr@" + id + ".service", CephFiles.BCRYPT, home + "/keyring"));
  }

  List<Item> managerActive() {
    return List.of(
        new Gate("managers", Probe.ask("mgr", model.names(Part.MGR)), LONG, CephError.MGR));
  }

  List<Item> osds(Node node) {
    var items = new ArrayList<Item>();
    for (Osd osd : node.osds()) {
      UUID db = osd.db();
      String partition = osd.partition().toString();
      String[] plan = {partition, db == null ? "none" : db.toString(), model.fsid().toString()};
      items.add(
          new Action(
              "OSD on partition " + partition,
              Command.of(CephFiles.OSD, "prepared", plan[0], plan[1], plan[2]),
              List.of(Command.of(CephFiles.OSD, "prepare", plan[0], plan[1], plan[2]))));
      items.add(
          new Action(
              "OSD on partition " + partition + " runs",
              Command.of(CephFiles.OSD, "running", partition),
              List.of(Command.of(CephFiles.OSD, "start", partition))));
    }
    return items;
  }

  List<Item> osdsUp() {
    int spare = Math.max(0, model.with(Part.OSD).size() - model.redundancy().size());
    int least =
        model.osdCount()
            - model.with(Part.OSD).stream()
                .mapToInt(node -> node.osds().size())
                .boxed()
                .sorted(java.util.Comparator.reverseOrder())
                .limit(spare)
                .mapToInt(n -> n)
                .sum();
    String planned = "" + model.osdCount();
    return List.of(
        new Gate("OSDs up", Probe.ask("osds", "" + least), LONG, CephError.OSDS_DOWN),
        new Action(
            "no OSD id that nobody uses",
            Probe.ask("no_orphans", planned),
            List.of(Probe.ask("purge_orphans", planned))),
        CephTools.release());
  }
}
