package io.kindling.appliance.net;

import java.net.Inet4Address;
import java.util.Optional;

/// An address with its network's prefix length, `10.20.0.1/24`.
public record Cidr(Inet4Address address, int prefix) {

  /// Reads `a.b.c.d/n` with n from 8 to 30: smaller networks hold no node, larger ones are
  /// mistakes.
  public static Optional<Cidr> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,2}")) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(text.substring(slash + 1));
    if (prefix < 8 || prefix > 30) {
      return Optional.empty();
    }
    return Addresses.parse(text.substring(0, slash)).map(a -> new Cidr(a, prefix));
  }

  /// The same network with its own address (all host bits zero).
  public Cidr network() {
    return new Cidr(Addresses.of(first() - 1), prefix);
  }

  public boolean contains(Inet4Address other) {
    long n = Addresses.number(other);
    return n >= first() - 1 && n <= last() + 1;
  }

  /// True where both name the same network, whatever their host parts.
  public boolean sameNetwork(Cidr other) {
    return prefix == other.prefix && first() == other.first();
  }

  public boolean overlaps(Cidr other) {
    return first() <= other.last() && other.first() <= last();
  }

  /// The number of the first host address.
  public long first() {
    return (Addresses.number(address) & mask()) + 1;
  }

  /// The number of the last host address (the one before the broadcast address).
  public long last() {
    return (Addresses.number(address) | (~mask() & 0xffffffffL)) - 1;
  }

  private long mask() {
    return 0xffffffffL << (32 - prefix) & 0xffffffffL;
  }

  @Override
  public String toString() {
    return Addresses.text(address) + "/" + prefix;
  }
}
