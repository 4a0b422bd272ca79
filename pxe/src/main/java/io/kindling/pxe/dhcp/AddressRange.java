package io.kindling.pxe.dhcp;

import io.kindling.pxe.dhcp.wire.Ipv4;
import java.net.Inet4Address;

/// Addresses from `first` to `last`, both included.
public record AddressRange(Inet4Address first, Inet4Address last) {

  public AddressRange {
    if (Ipv4.order(first) > Ipv4.order(last)) {
      throw new IllegalArgumentException("the range ends before it starts");
    }
  }

  /// Reads `10.20.0.100-10.20.0.199`.
  public static AddressRange parse(String text) {
    int dash = text.indexOf('-');
    if (dash < 0) {
      throw new IllegalArgumentException("not a range of addresses: " + text);
    }
    return new AddressRange(
        Ipv4.parse(text.substring(0, dash).strip()), Ipv4.parse(text.substring(dash + 1).strip()));
  }

  public boolean contains(Inet4Address address) {
    long order = Ipv4.order(address);
    return order >= Ipv4.order(first) && order <= Ipv4.order(last);
  }

  public long size() {
    return Ipv4.order(last) - Ipv4.order(first) + 1;
  }

  @Override
  public String toString() {
    return first.getHostAddress() + "-" + last.getHostAddress();
  }
}
