package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Facts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// `ip -json -details addr`: every Ethernet interface, and which of them say who the machine is.
public final class Nics {
  private static final int MAX_NICS = 512;
  private static final int MAX_ADDRESSES = 64;
  private static final Pattern NAME = Pattern.compile("[!-.0-~]{1,15}"); // What the kernel allows.
  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");
  private static final Pattern ADDRESS = Pattern.compile("[0-9A-Fa-f.:]{2,45}");
  private static final Pattern VIRTIO = Pattern.compile("virtio\\d+");

  private Nics() {}

  /// @param lldp `lldpctl -f json0`
  public static List<Facts.Nic> of(
      JsonNode ip, @Nullable String ipmi, Lshw lshw, JsonNode lldp, Reader.Warnings warnings) {
    var nics = new ArrayList<Facts.Nic>();
    if (!ip.isArray()) {
      warnings.add("$.raw.ip", ip.isNull() ? "absent" : "not an array");
      return nics;
    }
    String bmc = hardwareAddress(Bmcs.hardwareAddress(ipmi));
    Map<String, Facts.Neighbour> neighbours = Lldp.neighbours(lldp);
    for (Reader link : Reader.elements(ip, "$.raw.ip", warnings)) {
      String type = link.text("link_type");
      if (type != null && !type.equals("ether")) {
        continue; // Loopback, InfiniBand, tunnels: none has an Ethernet address.
      }
      String name = link.text("ifname");
      String mac = hardwareAddress(link.text("address"));
      if (name == null || mac == null || !NAME.matcher(name).matches()) {
        if (link.has("ifname")) { // ip prints {} for interfaces that it filtered out.
          link.warn("address", "no name or no hardware address");
        }
        continue;
      }
      if (nics.size() == MAX_NICS) {
        warnings.add("$.raw.ip", "more than " + MAX_NICS + " interfaces");
        break;
      }
      nics.add(nic(link, name, mac, bmc, lshw, neighbours.get(name)));
    }
    return nics;
  }

  private static Facts.Nic nic(
      Reader link,
      String name,
      String mac,
      @Nullable String bmc,
      Lshw lshw,
      Facts.@Nullable Neighbour neighbour) {
    String permanent = hardwareAddress(link.text("permaddr"));
    String bus = link.text("parentbus");
    String device = link.text("parentdev");
    if (bus == null && device != null) {
      bus = busOf(device);
    }
    boolean hardware = "pci".equals(bus) || "virtio".equals(bus);
    boolean made = link.object("linkinfo").has("info_kind"); // A bond, a bridge, a VLAN, a veth.
    String identity = permanent == null ? mac : permanent;
    return new Facts.Nic(
        name,
        mac,
        identity,
        bus,
        device,
        linkUp(link),
        link.count("mtu", 0),
        addresses(link),
        hardware && !made && !identity.equals(bmc) && usable(identity),
        device != null && Lshw.PCI.matcher(device).matches()
            ? device
            : Lshw.pciAddress(lshw.nicBus(name)),
        lshw.nicSpeedMbps(name),
        neighbour);
  }

  /// Reads an address with colons or dashes in any case; null where it is none.
  public static @Nullable String hardwareAddress(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String lower = text.toLowerCase(Locale.ROOT).replace('-', ':');
    return MAC.matcher(lower).matches() ? lower : null;
  }

  /// Group addresses and all zeros belong to nobody.
  private static boolean usable(String mac) {
    return !mac.equals("00:00:00:00:00:00") && (Integer.parseInt(mac.substring(0, 2), 16) & 1) == 0;
  }

  /// iproute2 before 5.15 prints no parentbus.
  private static @Nullable String busOf(String device) {
    if (Lshw.PCI.matcher(device).matches()) {
      return "pci";
    }
    return VIRTIO.matcher(device).matches() ? "virtio" : null;
  }

  private static boolean linkUp(Reader link) {
    return "UP".equals(link.text("operstate")) || link.longTexts("flags").contains("LOWER_UP");
  }

  private static List<String> addresses(Reader link) {
    var addresses = new ArrayList<String>();
    for (Reader info : link.objects("addr_info")) {
      String local = info.text("local");
      int prefix = info.count("prefixlen", 0);
      if (local != null
          && ADDRESS.matcher(local).matches()
          && prefix <= 128
          && addresses.size() < MAX_ADDRESSES) {
        addresses.add(local + "/" + prefix);
      }
    }
    return addresses;
  }
}
