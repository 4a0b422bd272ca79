package io.kindling.pxe.dhcp;

import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
import io.kindling.pxe.dhcp.wire.Ipv4;
import java.net.Inet4Address;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the DHCP server hands out. Immutable: a change replaces the whole record at once.
///
/// @param serverAddress the appliance's address on the provisioning network
/// @param prefixLength of that network, 8 to 30
/// @param pool addresses for machines without a fixed one
/// @param exclusions addresses never lent from the pool (those fixed for nodes, virtual addresses)
/// @param router default gateway, if the network has one
/// @param domain domain name for clients
/// @param leaseTime how long a lease lasts; renewal at half, rebinding at seven eighths
/// @param offerHold how long an offered address is kept for its client
/// @param declineQuarantine how long a declined address is left alone
/// @param httpBase `http://ADDRESS[:PORT]` of the machines' listener, an address and no name: boot
///   loaders need not resolve names
public record DhcpConfig(
    Inet4Address serverAddress,
    int prefixLength,
    AddressRange pool,
    Set<Inet4Address> exclusions,
    Optional<Inet4Address> router,
    List<Inet4Address> dns,
    List<Inet4Address> ntp,
    Optional<String> domain,
    Duration leaseTime,
    Duration offerHold,
    Duration declineQuarantine,
    URI httpBase) {

  public static final Duration DEFAULT_LEASE_TIME = Duration.ofHours(1);
  public static final Duration DEFAULT_OFFER_HOLD = Duration.ofMinutes(1);
  public static final Duration DEFAULT_DECLINE_QUARANTINE = Duration.ofHours(1);

  /// Larger pools would make the search for a free address slow and mean a mistake.
  static final long MAX_POOL = 65_536;

  public DhcpConfig {
    exclusions = Set.copyOf(exclusions);
    dns = List.copyOf(dns);
    ntp = List.copyOf(ntp);
    check(prefixLength >= 8 && prefixLength <= 30, "prefix length " + prefixLength);
    check(
        inSubnet(serverAddress, prefixLength, pool.first()),
        "pool " + pool + " is not in the network");
    check(
        inSubnet(serverAddress, prefixLength, pool.last()),
        "pool " + pool + " is not in the network");
    check(pool.size() <= MAX_POOL, "pool " + pool + " has more than " + MAX_POOL + " addresses");
    Inet4Address gateway = router.orElse(serverAddress);
    check(inSubnet(serverAddress, prefixLength, gateway), "router " + gateway.getHostAddress());
    check(leaseTime.compareTo(Duration.ofSeconds(8)) >= 0, "lease time " + leaseTime);
    check(leaseTime.compareTo(Duration.ofDays(365)) <= 0, "lease time " + leaseTime);
    check(!offerHold.isNegative() && !declineQuarantine.isNegative(), "negative duration");
    check(dns.size() <= 16 && ntp.size() <= 16, "more than 16 DNS or NTP servers");
    domain.ifPresent(name -> check(name.matches("[A-Za-z0-9.-]{1,253}"), "domain " + name));
    String base = httpBase.toString();
    check(base.matches("http://[0-9.]{7,15}(:[0-9]{1,5})?"), "HTTP base " + base);
  }

  /// The defaults around what every installation must say.
  public static DhcpConfig of(
      Inet4Address serverAddress, int prefixLength, AddressRange pool, URI httpBase) {
    return new DhcpConfig(
        serverAddress,
        prefixLength,
        pool,
        Set.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        DEFAULT_LEASE_TIME,
        DEFAULT_OFFER_HOLD,
        DEFAULT_DECLINE_QUARANTINE,
        httpBase);
  }

  public DhcpConfig withPool(AddressRange newPool, Set<Inet4Address> newExclusions) {
    return new DhcpConfig(
        serverAddress,
        prefixLength,
        newPool,
        newExclusions,
        router,
        dns,
        ntp,
        domain,
        leaseTime,
        offerHold,
        declineQuarantine,
        httpBase);
  }

  public DhcpConfig withNames(
      Optional<Inet4Address> newRouter,
      List<Inet4Address> newDns,
      List<Inet4Address> newNtp,
      Optional<String> newDomain) {
    return new DhcpConfig(
        serverAddress,
        prefixLength,
        pool,
        exclusions,
        newRouter,
        newDns,
        newNtp,
        newDomain,
        leaseTime,
        offerHold,
        declineQuarantine,
        httpBase);
  }

  public DhcpConfig withTimes(Duration lease, Duration hold, Duration quarantine) {
    return new DhcpConfig(
        serverAddress,
        prefixLength,
        pool,
        exclusions,
        router,
        dns,
        ntp,
        domain,
        lease,
        hold,
        quarantine,
        httpBase);
  }

  public Inet4Address subnetMask() {
    return Ipv4.of(mask(prefixLength));
  }

  public Inet4Address broadcastAddress() {
    return Ipv4.of(Ipv4.number(serverAddress) | ~mask(prefixLength));
  }

  /// Whether the address belongs to a machine of this network (not its own name or broadcast).
  public boolean isHost(Inet4Address address) {
    int host = Ipv4.number(address) & ~mask(prefixLength);
    return inSubnet(serverAddress, prefixLength, address)
        && host != 0
        && host != ~mask(prefixLength)
        && !address.equals(serverAddress);
  }

  /// Whether the pool may lend this address.
  public boolean lends(Inet4Address address) {
    return pool.contains(address)
        && isHost(address)
        && !exclusions.contains(address)
        && !router.filter(address::equals).isPresent();
  }

  private static int mask(int prefixLength) {
    return -1 << (32 - prefixLength);
  }

  private static boolean inSubnet(Inet4Address server, int prefixLength, Inet4Address address) {
    int mask = mask(prefixLength);
    return (Ipv4.number(server) & mask) == (Ipv4.number(address) & mask);
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new PxeException(PxeError.BAD_CONFIGURATION, "DHCP: " + what + ".");
    }
  }
}
