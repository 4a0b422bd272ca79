package io.kindling.postinstall.daytwo;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What an operator wants done to a cluster that serves, decided to the last partition: the same
/// order gives the same plan, so an order that was broken off is carried out again. Immutable.
public sealed interface Order {

  /// The host that it is about.
  String host();

  /// For people: `reboot host-1 in maintenance`.
  String title();

  /// Sets noout on the host's OSDs and leaves it so.
  record Enter(String host) implements Order {
    @Override
    public String title() {
      return "take " + host + " into maintenance";
    }
  }

  /// Takes it off again, once they are back.
  record Exit(String host) implements Order {
    @Override
    public String title() {
      return "end the maintenance of " + host;
    }
  }

  /// Both, with a reboot between.
  ///
  /// @param id of this order: the reboot is done once for each
  record Reboot(String host, UUID id) implements Order {
    @Override
    public String title() {
      return "reboot " + host + " in maintenance";
    }
  }

  /// New OSDs on blank drives.
  record Add(String host, List<Drive> drives) implements Order {
    public Add {
      drives = List.copyOf(drives);
    }

    @Override
    public String title() {
      return "add %s of %s"
          .formatted(String.join(", ", drives.stream().map(Drive::disk).toList()), host);
    }
  }

  /// An OSD's drive gives way to a blank one; its id stays.
  ///
  /// @param osd the id
  /// @param uuid of the OSD that goes: with another one of that id it is done already
  /// @param partition its data's PARTUUID
  record Replace(String host, int osd, UUID uuid, UUID partition, Drive drive, How how)
      implements Order {
    @Override
    public String title() {
      return "replace the drive of osd.%d on %s by %s".formatted(osd, host, drive.disk());
    }
  }

  /// The guests of a compute that is dead start elsewhere, with the disks that they have in Ceph.
  ///
  /// @param address at which the compute would answer if it lived
  record Evacuate(String host, String address) implements Order {
    @Override
    public String title() {
      return "start the guests of " + host + " elsewhere";
    }
  }

  /// A compute that works goes for good: its guests move to others, those that are shut off too.
  record Retire(String host) implements Order {
    @Override
    public String title() {
      return "take %s out as a compute".formatted(host);
    }
  }

  /// What an OSD that is replaced must be before it goes.
  enum How {
    /// Safe to destroy now.
    SAFE,
    /// Marked out first, and waited for until it is safe to destroy.
    DRAIN,
    /// Down, and every placement group is active without it: copies are missing meanwhile.
    DEGRADED;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /// A blank drive and what is made of it.
  ///
  /// @param disk its id, for people
  /// @param partition the PARTUUID of the OSD's data on it
  /// @param db the PARTUUID of its `block.db` on another drive, null where it has none
  /// @param script partitions this drive and touches no other
  record Drive(String disk, UUID partition, @Nullable UUID db, String script) {}
}
