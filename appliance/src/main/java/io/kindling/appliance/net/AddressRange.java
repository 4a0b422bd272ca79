package io.kindling.appliance.net;

import java.net.Inet4Address;
import java.util.Optional;

/// Addresses from `first` to `last`, both included: `10.20.0.100-10.20.0.199`.
public record AddressRange(Inet4Address first, Inet4Address last) {

  public AddressRange {
    if (Addresses.number(first) > Addresses.number(last)) {
      throw new IllegalArgumentException("the range ends before it begins");
    }
  }

  public static Optional<AddressRange> parse(String text) {
    String[] ends = text.split("-", -1);
    if (ends.length != 2) {
      return Optional.empty();
    }
    Optional<Inet4Address> first = Addresses.parse(ends[0]);
    Optional<Inet4Address> last = Addresses.parse(ends[1]);
    if (first.isEmpty()
        || last.isEmpty()
        || Addresses.number(first.get()) > Addresses.number(last.get())) {
      return Optional.empty();
    }
    return Optional.of(new AddressRange(first.get(), last.get()));
  }

  public boolean contains(Inet4Address address) {
    long n = Addresses.number(address);
    return n >= Addresses.number(first) && n <= Addresses.number(last);
  }

  public boolean overlaps(AddressRange other) {
    return contains(other.first) || other.contains(first);
  }

  /// True where both ends are host addresses of the network.
  public boolean within(Cidr network) {
    return Addresses.number(first) >= network.first() && Addresses.number(last) <= network.last();
  }

  @Override
  public String toString() {
    return Addresses.text(first) + "-" + Addresses.text(last);
  }
}
