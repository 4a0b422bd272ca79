package io.kindling.appliance.deploy;

import io.kindling.appliance.http.Json;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.ksgen.DiskPlan;
import io.kindling.postinstall.ceph.CephModel.Osd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Which OSDs a node has. First they are what its installation laid out, or what a machine with its
/// own system reported; from the first deployment or change on they are what is kept here, so that
/// a drive that comes or goes moves no other OSD's db. Thread-safe.
public final class NodeOsds {
  private static final Set<DiskPlan.Use> DBS =
      EnumSet.of(DiskPlan.Use.CEPH_JOURNAL, DiskPlan.Use.CEPH_JOURNAL_SPARE);

  private final InstallPlans plans;
  private final Settings settings;

  public NodeOsds(InstallPlans plans, Settings settings) {
    this.plans = plans;
    this.settings = settings;
  }

  /// @param retired partitions of OSDs that were replaced; they may be seen again
  /// @param changes counts them
  private record Entry(List<Osd> osds, List<UUID> retired, int changes) {}

  /// @throws io.kindling.appliance.ApplianceException where its frozen layout no longer fits it
  public List<Osd> of(Node node) {
    return entry(node).osds();
  }

  /// How often its OSDs were changed.
  public int changes(Node node) {
    return entry(node).changes();
  }

  /// Partitions for dbs that no OSD has.
  public List<UUID> freeDbs(Node node) {
    var used = new HashSet<UUID>();
    of(node).forEach(osd -> used.add(osd.db()));
    return dbs(node).stream().filter(db -> !used.contains(db)).toList();
  }

  /// Keeps them as they are now.
  public void freeze(Node node) {
    Entry now = entry(node);
    if (stored(node).filter(now::equals).isEmpty()) {
      keep(node, now);
    }
  }

  /// One more; no change where it is known.
  public void add(Node node, Osd osd) {
    Entry now = entry(node);
    if (!now.osds().contains(osd)) {
      var osds = new ArrayList<>(now.osds());
      osds.removeIf(other -> other.partition().equals(osd.partition()));
      osds.add(osd);
      keep(node, new Entry(osds, now.retired(), now.changes() + 1));
    }
  }

  /// One in another's place.
  public void replace(Node node, UUID partition, Osd osd) {
    Entry now = entry(node);
    var osds = new ArrayList<>(now.osds());
    osds.removeIf(other -> other.partition().equals(partition));
    var retired = new ArrayList<>(now.retired());
    if (!retired.contains(partition)) {
      retired.add(partition);
    }
    keep(node, new Entry(osds, retired, now.changes()));
    add(node, osd);
  }

  private Entry entry(Node node) {
    Optional<Entry> kept = stored(node);
    if (node.machineId() == null) {
      return kept.orElseGet(() -> new Entry(CephModels.osds(plans.disks(node)), List.of(), 0));
    }
    if (kept.isEmpty()) {
      return new Entry(ExistingNodes.osds(node), List.of(), 0);
    }
    Entry entry = kept.get();
    var osds = new ArrayList<>(entry.osds());
    var known = new HashSet<>(entry.retired());
    var used = new HashSet<UUID>();
    osds.forEach(osd -> {
      known.add(osd.partition());
      used.add(osd.db());
    });
    List<UUID> free = new ArrayList<>(dbs(node).stream().filter(db -> !used.contains(db)).toList());
    for (Osd osd : ExistingNodes.osds(node)) {
      if (!known.contains(osd.partition())) {
        osds.add(new Osd(osd.partition(), free.isEmpty() ? null : free.removeFirst()));
      }
    }
    return new Entry(osds, entry.retired(), entry.changes());
  }

  private List<UUID> dbs(Node node) {
    return node.machineId() != null
        ? ExistingNodes.dbs(node)
        : plans.disks(node).disks().stream()
            .flatMap(disk -> disk.partitions().stream())
            .filter(partition -> DBS.contains(partition.use()))
            .sorted(Comparator.comparing(DiskPlan.PlannedPartition::use)) // spare ones last
            .map(DiskPlan.PlannedPartition::guid)
            .toList();
  }

  private Optional<Entry> stored(Node node) {
    return settings
        .get(key(node))
        .map(text -> Json.read(text.getBytes(StandardCharsets.UTF_8), Entry.class));
  }

  private void keep(Node node, Entry entry) {
    settings.put(key(node), Json.text(entry));
  }

  /// A new attempt begins anew.
  private static String key(Node node) {
    Assignment assignment = node.assignment();
    return "osds/" + node.id() + "/" + (assignment == null ? 0 : assignment.attempt());
  }
}
