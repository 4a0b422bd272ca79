package io.kindling.ksgen.kickstart;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A network device of the installed system. Devices name each other: a bond its NICs, a VLAN its
/// parent, a bridge its members.
public sealed interface NetworkDevice {
  String name();

  /// Null for the default.
  @Nullable Integer mtu();

  @Nullable Address address();

  /// @param address IPv4 with prefix length
  /// @param gateway default gateway, null where none on this network
  record Address(String address, @Nullable String gateway) {}

  /// @param name only to refer to it; the system names it itself
  /// @param mac the permanent hardware address, which it is found by
  record Nic(String name, String mac, @Nullable Integer mtu, @Nullable Address address)
      implements NetworkDevice {}

  /// @param members names of NICs
  record Bond(
      String name,
      List<String> members,
      Mode mode,
      @Nullable Integer mtu,
      @Nullable Address address)
      implements NetworkDevice {
    public Bond {
      members = List.copyOf(members);
    }
  }

  /// How a bond spreads its traffic.
  enum Mode {
    LACP("802.3ad"),
    ACTIVE_BACKUP("active-backup");

    private final String word;

    Mode(String word) {
      this.word = word;
    }

    /// The kernel's word.
    public String word() {
      return word;
    }
  }

  /// @param parent name of a NIC or bond
  record Vlan(String name, String parent, int id, @Nullable Integer mtu, @Nullable Address address)
      implements NetworkDevice {}

  /// @param members names of NICs, bonds or VLANs
  record Bridge(String name, List<String> members, @Nullable Integer mtu, @Nullable Address address)
      implements NetworkDevice {
    public Bridge {
      members = List.copyOf(members);
    }
  }
}
