package io.kindling.tests.rack;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a container host is made of.
///
/// @param number its place in the rack, 1 to 99: part of its hardware addresses
/// @param addresses network name → address with prefix length (`10.20.0.11/24`); each is an
///   untagged NIC of that name (15 characters at most), `management` among them
/// @param osds data drives, MiB each: an OSD's partition on each
/// @param journal a drive shared by the OSDs' block.db partitions, MiB; 0 for none
/// @param authorizedKey who may log in as `kindling`, a line of authorized_keys; null for nobody
public record ContainerSpec(
    String name,
    int number,
    SequencedMap<String, String> addresses,
    List<Integer> osds,
    int journal,
    @Nullable String authorizedKey) {

  /// The network that stands for the rack's switch [Network#BRIDGE].
  public static final String MANAGEMENT = "management";

  public ContainerSpec {
    addresses = new LinkedHashMap<>(addresses);
    osds = List.copyOf(osds);
    if (number < 1 || number > 99) {
      throw new IllegalArgumentException("number " + number);
    }
  }

  /// A storage host on the three networks of [RackMachines#clusterYaml]: 10.20.0.(10 + number),
  /// 10.21.…, 10.22.…; two data drives that share a journal drive.
  public static ContainerSpec storageHost(int number, @Nullable String authorizedKey) {
    return storageHost(number, List.of(6 << 10, 7 << 10), authorizedKey);
  }

  /// The same with other data drives, MiB each.
  public static ContainerSpec storageHost(
      int number, List<Integer> osds, @Nullable String authorizedKey) {
    var addresses = new LinkedHashMap<String, String>();
    int host = 10 + number;
    addresses.put(MANAGEMENT, "10.20.0." + host + "/24");
    addresses.put("storage", "10.21.0." + host + "/24");
    addresses.put("replication", "10.22.0." + host + "/24");
    return new ContainerSpec("host-" + number, number, addresses, osds, 4 << 10, authorizedKey);
  }

  /// The address on that network, without prefix length.
  public String address(String network) {
    String found = addresses.get(network);
    if (found == null) {
      throw new IllegalArgumentException(name + " is not on " + network);
    }
    return found.substring(0, found.indexOf('/'));
  }

  /// /etc/machine-id: 32 hexadecimal digits, the same for the same name.
  String machineId() {
    return UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .toString()
        .replace("-", "");
  }

  /// The hardware address of the NIC on the network of that index.
  String mac(int network) {
    return "52:54:01:00:%02x:%02x".formatted(number, network);
  }

  /// Files for systemd-networkd, by name.
  Map<String, String> networkFiles() {
    var files = new LinkedHashMap<String, String>();
    addresses.forEach((network, address) ->
        files.put(
            "10-" + network + ".network",
            """
            [Match]
            Name=%s
            [Network]
            Address=%s
            LinkLocalAddressing=no
            IPv6AcceptRA=no
            """
                .formatted(network, address)));
    return files;
  }
}
