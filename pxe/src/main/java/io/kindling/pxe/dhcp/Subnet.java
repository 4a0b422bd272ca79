package io.kindling.pxe.dhcp;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
import io.kindling.pxe.dhcp.wire.Ipv4;
import java.net.Inet4Address;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One network that addresses are lent in. Immutable.
///
/// @param address who serves it there: the appliance on its own network, the relay on others
/// @param prefixLength of that network, 8 to 30
/// @param pools addresses for machines without one of their own; may be none
/// @param exclusions addresses never lent from the pools (those of nodes, virtual addresses);
///   reserved ones are among them by themselves
/// @param reservations addresses that belong to a machine for good
/// @param router default gateway, if the network has one
/// @param domain domain name for clients
public record Subnet(
    Inet4Address address,
    int prefixLength,
    List<AddressRange> pools,
    Set<Inet4Address> exclusions,
    Map<HardwareAddress, Inet4Address> reservations,
    Optional<Inet4Address> router,
    List<Inet4Address> dns,
    List<Inet4Address> ntp,
    Optional<String> domain) {

  /// Larger pools would make the search for a free address slow and mean a mistake.
  static final long MAX_POOL = 65_536;

  /// What a message has room for.
  private static final int MAX_SERVERS = 16;

  public Subnet {
    Set<Inet4Address> never = new HashSet<>(exclusions);
    never.addAll(reservations.values());
    never.add(address);
    router.ifPresent(never::add);
    exclusions = Set.copyOf(never);
    reservations = Map.copyOf(reservations);
    pools = pools.stream().sorted(Comparator.comparing(pool -> Ipv4.order(pool.first()))).toList();
    dns = List.copyOf(dns);
    ntp = List.copyOf(ntp);
    check(prefixLength >= 8 && prefixLength <= 30, "prefix length " + prefixLength);
    int mask = mask(prefixLength);
    int network = Ipv4.number(address) & mask;
    long lent = 0;
    long end = -1;
    for (AddressRange pool : pools) {
      check(
          (Ipv4.number(pool.first()) & mask) == network
              && (Ipv4.number(pool.last()) & mask) == network,
          "pool " + pool + " is not in the network");
      check(Ipv4.order(pool.first()) > end, "pool " + pool + " overlaps another");
      end = Ipv4.order(pool.last());
      lent += pool.size();
    }
    check(lent <= MAX_POOL, "the pools have more than " + MAX_POOL + " addresses");
    Set<Inet4Address> once = new HashSet<>();
    reservations.forEach((mac, reserved) -> {
      String which = "reservation " + reserved.getHostAddress() + " of " + mac;
      check((Ipv4.number(reserved) & mask) == network, which + " is not in the network");
      check(once.add(reserved), which + " is another machine's too");
    });
    router.ifPresent(gateway ->
        check(
            (Ipv4.number(gateway) & mask) == network,
            "router " + gateway.getHostAddress() + " is not in the network"));
    check(
        dns.size() <= MAX_SERVERS && ntp.size() <= MAX_SERVERS,
        "more than " + MAX_SERVERS + " DNS or NTP servers");
    domain.ifPresent(name -> check(name.matches("[A-Za-z0-9.-]{1,253}"), "domain " + name));
  }

  /// A network with pools and nothing else.
  public static Subnet of(Inet4Address address, int prefixLength, List<AddressRange> pools) {
    return new Subnet(
        address,
        prefixLength,
        pools,
        Set.of(),
        Map.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  public Subnet withPools(
      List<AddressRange> newPools,
      Set<Inet4Address> newExclusions,
      Map<HardwareAddress, Inet4Address> newReservations) {
    return new Subnet(
        address, prefixLength, newPools, newExclusions, newReservations, router, dns, ntp, domain);
  }

  public Subnet withNames(
      Optional<Inet4Address> newRouter,
      List<Inet4Address> newDns,
      List<Inet4Address> newNtp,
      Optional<String> newDomain) {
    return new Subnet(
        address,
        prefixLength,
        pools,
        exclusions,
        reservations,
        newRouter,
        newDns,
        newNtp,
        newDomain);
  }

  public Inet4Address subnetMask() {
    return Ipv4.of(mask(prefixLength));
  }

  private Inet4Address network() {
    return Ipv4.of(Ipv4.number(address) & mask(prefixLength));
  }

  public Inet4Address broadcastAddress() {
    return Ipv4.of(Ipv4.number(address) | ~mask(prefixLength));
  }

  public boolean contains(Inet4Address other) {
    int mask = mask(prefixLength);
    return (Ipv4.number(address) & mask) == (Ipv4.number(other) & mask);
  }

  /// Whether the address can be a client's (not the network's own name, broadcast or server).
  public boolean isHost(Inet4Address other) {
    int host = Ipv4.number(other) & ~mask(prefixLength);
    return contains(other) && host != 0 && host != ~mask(prefixLength) && !other.equals(address);
  }

  /// Whether a pool may lend this address.
  public boolean lends(Inet4Address other) {
    return isInPool(other) && isHost(other) && !exclusions.contains(other);
  }

  /// How many addresses the pools may lend.
  public int poolSize() {
    Set<Inet4Address> never = new HashSet<>(exclusions);
    never.add(network());
    never.add(broadcastAddress());
    long size = pools.stream().mapToLong(AddressRange::size).sum();
    return (int) (size - never.stream().filter(this::isInPool).count());
  }

  private boolean isInPool(Inet4Address other) {
    for (AddressRange pool : pools) {
      if (pool.contains(other)) {
        return true;
      }
    }
    return false;
  }

  /// `10.20.0.0/24`.
  @Override
  public String toString() {
    return network().getHostAddress() + "/" + prefixLength;
  }

  private static int mask(int prefixLength) {
    return -1 << (32 - prefixLength);
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new PxeException(PxeError.BAD_CONFIGURATION, "DHCP: " + what + ".");
    }
  }
}
