package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts.Disk;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.LayoutRequest;
import io.kindling.ksgen.VolumeSize;
import io.kindling.ksgen.internal.Selection.Chosen;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// One run of the allocation.
public final class Allocation {

  private static final String OS = "os";
  private static final String CEPH = "ceph";
  private static final String JOURNAL = "cephjournal";

  private final LayoutRequest request;
  private final Policy policy;
  private final List<Chosen> chosen;

  private Allocation(LayoutRequest request, Policy policy) {
    this.request = request;
    this.policy = policy;
    this.chosen = Selection.of(request.facts().disks(), request.rules());
  }

  public static KsSpaces of(LayoutRequest request) {
    return new Allocation(request, Policy.standard()).run();
  }

  private KsSpaces run() {
    Map<String, String> placements = policy.placements(request.roles());
    for (Chosen one : chosen) {
      for (String volume : one.use.keySet()) {
        policy.require(volume);
        if (!placements.containsKey(volume)) {
          throw new LayoutException(
              LayoutError.VOLUME_NOT_OF_ROLES,
              "Disk " + one.disk.id() + ": `" + volume + "`, roles " + roleNames() + ".");
        }
      }
    }
    Chosen system = system();
    if ("full-disk".equals(placements.get(CEPH))) {
      giveDrivesToCeph(system);
    }
    var sizes = new LinkedHashMap<Chosen, Map<String, Long>>();
    for (Chosen one : chosen) {
      sizes.put(one, one.use.isEmpty() ? Map.of() : allocate(one, one == system));
    }
    checkJournals(sizes);
    return new SpacesBuilder(policy, request.facts()).build(system, sizes);
  }

  private List<String> roleNames() {
    return request.roles().stream().map(r -> r.label()).sorted().toList();
  }

  /// The disk of the general volumes: where a rule says so, else the first drive with room left.
  private Chosen system() {
    List<Chosen> named = chosen.stream().filter(c -> c.use.containsKey(OS)).toList();
    if (named.size() > 1) {
      throw new LayoutException(
          LayoutError.NOT_YET,
          "`os` on more than one disk: " + named.stream().map(c -> c.disk.id()).toList() + ".");
    }
    if (named.size() == 1) {
      return named.getFirst();
    }
    Chosen first =
        chosen.stream()
            .filter(c -> Selection.eligible(c.disk) && !c.closed())
            .findFirst()
            .orElseThrow(() ->
                new LayoutException(
                    LayoutError.NO_DISK,
                    chosen.isEmpty()
                        ? "It reports " + request.facts().disks().size() + " disks, none counts."
                        : "The rules leave none for the system."));
    first.use.put(OS, VolumeSize.ALL);
    return first;
  }

  private void giveDrivesToCeph(Chosen system) {
    for (Chosen one : chosen) {
      if (!one.ruled && one != system) {
        one.use.put(CEPH, VolumeSize.ALL);
      }
    }
    if (chosen.stream().anyMatch(c -> c.use.containsKey(CEPH))) {
      return;
    }
    // One drive only: full-disk becomes all (Fuel), unless a rule has given the drive to the
    // system.
    if (chosen.size() == 1 && !system.ruled) {
      system.use.put(CEPH, VolumeSize.ALL);
    } else if (chosen.stream().noneMatch(c -> c.keep)) { // a kept disk can hold the node's OSDs
      throw new LayoutException(LayoutError.NO_OSD, "Its disks: " + ids(chosen) + ".");
    }
  }

  private static List<String> ids(List<Chosen> some) {
    return some.stream().map(c -> c.disk.id()).toList();
  }

  /// Fixed sizes first, then equal shares of what is left; the last share takes the remainder.
  private Map<String, Long> allocate(Chosen one, boolean system) {
    Disk disk = one.disk;
    Policy.DiskSizes table = policy.disk();
    long left = disk.sizeMib() - table.headMib() - table.tailMib() - table.biosBootMib();
    if (system) {
      left -= table.espMib() + table.bootMib();
    }
    var sizes = new LinkedHashMap<String, Long>();
    long least = 0;
    var shares = new ArrayList<String>();
    for (var entry : inTableOrder(one.use).entrySet()) {
      String volume = entry.getKey();
      long minimum = minimum(volume);
      switch (entry.getValue()) {
        case VolumeSize.Mib(long mib) -> {
          long size = mib + meta(volume);
          if (size < minimum) {
            throw tooSmall(disk, volume + " needs " + (minimum - meta(volume)), minimum - size);
          }
          sizes.put(volume, size);
          least += size;
        }
        case VolumeSize.All _ -> {
          sizes.put(volume, 0L); // keeps the table's order
          shares.add(volume);
          least += minimum;
        }
      }
    }
    if (least > left) {
      throw tooSmall(
          disk,
          String.join(" and ", sizes.keySet()) + (system ? " with /boot and ESP" : ""),
          least - left);
    }
    long rest = left - sizes.values().stream().mapToLong(Long::longValue).sum();
    if (shares.contains(OS) && shares.size() > 1) {
      long os = sharedSystem(disk, rest, shares);
      sizes.put(OS, os);
      rest -= os;
      shares.remove(OS);
    }
    share(sizes, shares, rest);
    return sizes;
  }

  private void share(Map<String, Long> sizes, List<String> shares, long rest) {
    // Who needs more than an equal share gets its minimum first.
    var open = new ArrayList<>(shares);
    boolean again = true;
    while (again) {
      again = false;
      for (String volume : List.copyOf(open)) {
        if (minimum(volume) > rest / open.size() && open.size() > 1) {
          sizes.put(volume, minimum(volume));
          rest -= minimum(volume);
          open.remove(volume);
          again = true;
          break;
        }
      }
    }
    for (int i = 0; i < open.size(); i++) {
      long size = i == open.size() - 1 ? rest : rest / (open.size() - i);
      sizes.put(open.get(i), size);
      rest -= size;
    }
  }

  /// What the system takes of a disk that it shares with volumes that also want all.
  private long sharedSystem(Disk disk, long rest, List<String> shares) {
    Policy.Root root = policy.root();
    long wanted =
        Math.clamp(
            disk.sizeMib() * root.sharePercent() / 100,
            root.sharedLeastMib(),
            root.sharedMostMib());
    long others = shares.stream().filter(v -> !v.equals(OS)).mapToLong(this::minimum).sum();
    long size = Math.min(wanted + policy.disk().lvmMetaMib(), rest / 2);
    return Math.min(Math.max(size, minimum(OS)), rest - others);
  }

  private Map<String, VolumeSize> inTableOrder(Map<String, VolumeSize> use) {
    var ordered = new LinkedHashMap<String, VolumeSize>();
    for (Policy.VolumeRow row : policy.volumes()) {
      if (use.containsKey(row.id())) {
        ordered.put(row.id(), Objects.requireNonNull(use.get(row.id())));
      }
    }
    return ordered;
  }

  private long meta(String volume) {
    return policy.require(volume).type().equals("vg") ? policy.disk().lvmMetaMib() : 0;
  }

  private long minimum(String volume) {
    return policy.require(volume).minimumMib() + meta(volume);
  }

  private static LayoutException tooSmall(Disk disk, String what, long shortfall) {
    return new LayoutException(
        LayoutError.DISK_TOO_SMALL,
        "Disk %s (%s, %d MiB) is %d MiB short: %s."
            .formatted(disk.id(), disk.name(), disk.sizeMib(), shortfall, what));
  }

  /// Each OSD's share of its journal device, spare slots counted, must be worth having.
  private void checkJournals(Map<Chosen, Map<String, Long>> sizes) {
    int osds = (int) sizes.values().stream().filter(s -> s.containsKey(CEPH)).count();
    List<Chosen> devices =
        sizes.entrySet().stream()
            .filter(e -> e.getValue().containsKey(JOURNAL))
            .map(Map.Entry::getKey)
            .toList();
    if (!devices.isEmpty() && osds == 0) {
      throw new LayoutException(LayoutError.NO_OSD, "Journals on " + ids(devices) + " serve none.");
    }
    int[] counts = Journals.spread(osds, devices.size());
    for (int i = 0; i < devices.size(); i++) {
      Chosen device = devices.get(i);
      int slots = counts[i] + device.spare;
      long least = policy.require(JOURNAL).minimumMib() * slots;
      long size = Objects.requireNonNull(sizes.get(device)).getOrDefault(JOURNAL, 0L);
      if (size < least) {
        throw tooSmall(device.disk, slots + " journals", least - size);
      }
    }
  }
}
