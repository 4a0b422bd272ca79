package io.kindling.postinstall.net;

import io.kindling.postinstall.engine.Finding;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the verification of networks saw. Immutable.
///
/// @param at when it ended
/// @param seconds how long it took
public record NetReport(Instant at, long seconds, List<Matrix> networks, List<Fault> faults) {

  public NetReport {
    networks = List.copyOf(networks);
    faults = List.copyOf(faults);
  }

  /// Port × port of a network.
  ///
  /// @param vlan 0 where untagged
  /// @param rows a row for each port in the ports' order, a character for each port that it sends
  ///   to: [#PASSES], [#SMALL], [#LOST], [#UNKNOWN], or [#OWN] for ports of the same node
  public record Matrix(String network, int vlan, int mtu, List<Port> ports, List<String> rows) {

    /// Frames of every size arrive.
    public static final char PASSES = '=';

    /// Small frames arrive, large ones do not.
    public static final char SMALL = 's';

    /// Nothing arrives.
    public static final char LOST = 'x';

    /// One of the two could not be asked.
    public static final char UNKNOWN = '?';

    /// Both are of one node.
    public static final char OWN = '.';

    public Matrix {
      ports = List.copyOf(ports);
      rows = List.copyOf(rows);
    }
  }

  /// @param at the switch and port it is plugged into; null where the inventory does not know
  /// @param address planned
  public record Port(String node, String nic, String mac, @Nullable String at, String address) {}

  /// @param network empty where it concerns the node as a whole
  /// @param ports the ports concerned, in words: node, NIC, hardware address, switch and its port
  public record Fault(String network, List<String> ports, Finding finding) {
    public Fault {
      ports = List.copyOf(ports);
    }
  }

  /// Nothing is wrong.
  public boolean good() {
    return faults.isEmpty();
  }
}
