package io.kindling.postinstall.net;

import io.kindling.postinstall.engine.NamedError;

/// What the verification of networks finds. The ids are stable.
public enum NetError implements NamedError {
  NODE(
      "NET-001",
      "A node could not be asked, so nothing is known of its ports.",
      "It must run the bootstrap or its own system with Python 3, and let the appliance in; then"
          + " verify again."),
  NO_NIC(
      "NET-002",
      "A planned network card is not in the machine.",
      "Was it changed since the last report? Boot the machine from the network again, and look at"
          + " `interfaces:`."),
  NO_LINK(
      "NET-003",
      "A port has no link.",
      "See to the cable, the transceiver, and that the switch's port is enabled."),
  WRONG_VLAN(
      "NET-004",
      "A port is in the network of another VLAN.",
      "Correct the VLAN of the switch's port, or plug the cable into the right one."),
  NO_REACH(
      "NET-005",
      "A port reaches no other port of its network.",
      "Is the VLAN allowed on the switch's port and on the links between switches? Is the cable in"
          + " the right switch?"),
  ONE_WAY(
      "NET-006",
      "Frames pass in one direction only.",
      "Change the cable or transceiver; look for filters and port security on the switch's port."),
  MTU(
      "NET-007",
      "Frames as large as planned do not pass.",
      "Set the MTU of the switch's port (and of its VLAN) to the network's `mtu:` at least, or plan"
          + " a smaller one."),
  NIC_MTU(
      "NET-008",
      "An interface does not have the planned MTU.",
      "In the bootstrap its driver refuses it: plan a smaller `mtu:`. On a machine with its own"
          + " system, set it there."),
  DUPLICATE(
      "NET-009",
      "An address is used by more than one machine.",
      "Find the machine by its hardware address in the switch's table, and give it another address;"
          + " or take the address out of `nodes:`."),
  FOREIGN_DHCP(
      "NET-010",
      "A DHCP server answers that does not belong there.",
      "Find it by its hardware address in the switch's table; switch it off, or put it into another"
          + " VLAN."),
  GATEWAY(
      "NET-011",
      "A gateway does not answer.",
      "Is `gateway:` right, and the router in this VLAN and on?"),
  DNS(
      "NET-012",
      "A DNS server does not answer, or not with success.",
      "Is `dns:` right? Does the server answer to the nodes' networks, and do they have a way to"
          + " it?"),
  NTP(
      "NET-013",
      "A time source does not answer, or does not know the time itself.",
      "Is `ntp:` right? Does the server answer to the nodes' networks, and is it synchronised?"),
  BOND(
      "NET-014",
      "A member of a bond has no link, or no partner that speaks LACP.",
      "See to the cable; on the switch both ports must be in one LACP group.");

  private final Entry entry;

  NetError(String id, String summary, String cure) {
    this.entry = new Entry(id, summary, cure);
  }

  @Override
  public Entry entry() {
    return entry;
  }
}
