package io.kindling.pxe.dhcp;

import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
import java.net.Inet4Address;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What the DHCP server hands out. Immutable: a change replaces the whole record at once.
///
/// @param local the network the appliance is on; its address is the server's
/// @param relayed networks whose machines come through a relay (RFC 1542)
/// @param leaseTime how long a lease lasts; renewal at half, rebinding at seven eighths
/// @param offerHold how long an offered address is kept for its client
/// @param declineQuarantine how long an address is left alone that a stranger uses
/// @param probeWait how long an offer waits for somebody who uses its address to answer (RFC 2131
///   §2.2); zero: nobody is asked
/// @param httpBase `http://ADDRESS[:PORT]` of the machines' listener, an address and no name: boot
///   loaders need not resolve names
public record DhcpConfig(
    Subnet local,
    List<Subnet> relayed,
    Duration leaseTime,
    Duration offerHold,
    Duration declineQuarantine,
    Duration probeWait,
    URI httpBase) {

  public static final Duration DEFAULT_LEASE_TIME = Duration.ofHours(1);

  /// Firmware has fetched its loader long before; a system renews after half of it.
  public static final Duration BRIEF_LEASE_TIME = Duration.ofMinutes(2);

  public static final Duration DEFAULT_OFFER_HOLD = Duration.ofMinutes(1);
  public static final Duration DEFAULT_DECLINE_QUARANTINE = Duration.ofHours(1);

  /// An answer to ARP takes a millisecond; a client waits seconds for its offers.
  public static final Duration DEFAULT_PROBE_WAIT = Duration.ofMillis(250);

  private static final Duration MAX_PROBE_WAIT = Duration.ofSeconds(3);

  public DhcpConfig {
    relayed = List.copyOf(relayed);
    check(leaseTime.compareTo(Duration.ofSeconds(8)) >= 0, "lease time " + leaseTime);
    check(leaseTime.compareTo(Duration.ofDays(365)) <= 0, "lease time " + leaseTime);
    check(!offerHold.isNegative() && !declineQuarantine.isNegative(), "negative duration");
    check(
        !probeWait.isNegative() && probeWait.compareTo(MAX_PROBE_WAIT) <= 0,
        "probe of " + probeWait);
    String base = httpBase.toString();
    check(base.matches("http://[0-9.]{7,15}(:[0-9]{1,5})?"), "HTTP base " + base);
    List<Subnet> all = Stream.concat(Stream.of(local), relayed.stream()).toList();
    for (Subnet one : all) {
      for (Subnet other : all) {
        check(
            one == other || !(one.contains(other.address()) || other.contains(one.address())),
            "the networks " + one + " and " + other + " overlap");
      }
    }
  }

  /// The defaults around what every installation must say.
  public static DhcpConfig of(
      Inet4Address serverAddress, int prefixLength, AddressRange pool, URI httpBase) {
    return new DhcpConfig(
        Subnet.of(serverAddress, prefixLength, List.of(pool)),
        List.of(),
        DEFAULT_LEASE_TIME,
        DEFAULT_OFFER_HOLD,
        DEFAULT_DECLINE_QUARANTINE,
        DEFAULT_PROBE_WAIT,
        httpBase);
  }

  public DhcpConfig withNetworks(Subnet newLocal, List<Subnet> newRelayed) {
    return new DhcpConfig(
        newLocal, newRelayed, leaseTime, offerHold, declineQuarantine, probeWait, httpBase);
  }

  public DhcpConfig withPool(AddressRange newPool, Set<Inet4Address> newExclusions) {
    return withNetworks(local.withPools(List.of(newPool), newExclusions, Map.of()), relayed);
  }

  public DhcpConfig withNames(
      Optional<Inet4Address> newRouter,
      List<Inet4Address> newDns,
      List<Inet4Address> newNtp,
      Optional<String> newDomain) {
    return withNetworks(local.withNames(newRouter, newDns, newNtp, newDomain), relayed);
  }

  public DhcpConfig withTimes(Duration lease, Duration hold, Duration quarantine) {
    return new DhcpConfig(local, relayed, lease, hold, quarantine, probeWait, httpBase);
  }

  /// The same with leases that a client which is gone does not keep for long.
  DhcpConfig brief() {
    return leaseTime.compareTo(BRIEF_LEASE_TIME) <= 0
        ? this
        : withTimes(BRIEF_LEASE_TIME, offerHold, declineQuarantine);
  }

  public DhcpConfig withProbeWait(Duration wait) {
    return new DhcpConfig(local, relayed, leaseTime, offerHold, declineQuarantine, wait, httpBase);
  }

  /// The appliance's address on its own network; clients know the server by it.
  public Inet4Address serverAddress() {
    return local.address();
  }

  /// The network an address is of.
  public Optional<Subnet> subnetOf(Inet4Address address) {
    if (local.contains(address)) {
      return Optional.of(local);
    }
    return relayed.stream().filter(subnet -> subnet.contains(address)).findFirst();
  }

  /// How many addresses all pools may lend.
  public int poolSize() {
    return local.poolSize() + relayed.stream().mapToInt(Subnet::poolSize).sum();
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new PxeException(PxeError.BAD_CONFIGURATION, "DHCP: " + what + ".");
    }
  }
}
