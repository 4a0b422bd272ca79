package io.kindling.inventory;

import io.kindling.inventory.facts.Facts;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What in a report says who the machine is: the permanent addresses of its PCI and virtio NICs,
/// and its system UUID where that is no known placeholder. Serial numbers are no evidence.
///
/// @param bootMac the NIC that it booted from, which is a hint, not evidence
public record Evidence(Set<String> macs, @Nullable String uuid, @Nullable String bootMac) {

  public Evidence {
    macs = Set.copyOf(macs);
  }

  public static Evidence of(Facts facts) {
    var macs = new TreeSet<String>();
    for (Facts.Nic nic : facts.nics()) {
      if (nic.identifies()) {
        macs.add(nic.permanentMac());
      }
    }
    String boot = facts.agent().bootInterface();
    if (facts.nics().isEmpty() && boot != null) {
      macs.add(boot); // `ip` told nothing; the NIC that it booted from is then all there is.
    }
    String uuid = facts.system().uuid();
    return new Evidence(macs, uuid == null || PlaceholderUuids.contains(uuid) ? null : uuid, boot);
  }
}
