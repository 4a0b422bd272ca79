package io.kindling.pxe.dhcp;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.Lease;
import io.kindling.pxe.dhcp.wire.Ipv4;
import java.net.Inet4Address;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Who has which address, in memory; {@link io.kindling.pxe.LeaseStore} holds the same on disk.
/// Expired leases stay until their address is needed: a returning client gets its old one back, and
/// the least recently used goes first. An offer is no promise (RFC 2131 §4.3.1): where all
/// addresses are taken or offered, the oldest offer gives way, so that clients which only ever ask
/// cannot keep others out. Thread-safe.
public final class LeaseTable {

  /// Clients whose offer gave way and who may still take it. At a thousand requests a second that
  /// is as long as firmware collects offers (PXE 2.1: up to 32 s).
  static final int MAX_DISPLACED = 32_768;

  /// How often it is counted how full a pool is, at most.
  private static final Duration RECOUNT = Duration.ofSeconds(1);

  enum Kind {
    /// Offered, not yet taken; never on disk.
    OFFERED,
    BOUND,
    /// Found in use by a stranger.
    DECLINED
  }

  record Entry(Inet4Address address, HardwareAddress mac, Instant expires, Kind kind) {
    boolean active(Instant now) {
      return expires.isAfter(now);
    }
  }

  /// What must reach stable storage.
  record Change(Collection<Lease> put, Collection<Inet4Address> drop) {}

  private static final Comparator<Entry> LEAST_RECENT_FIRST =
      Comparator.comparing(Entry::expires).thenComparing(entry -> Ipv4.order(entry.address()));

  private final Map<Inet4Address, Entry> byAddress = new HashMap<>();
  private final Map<HardwareAddress, Set<Inet4Address>> byMac = new HashMap<>();
  private final TreeSet<Entry> byExpiry = new TreeSet<>(LEAST_RECENT_FIRST);

  /// Those of `byExpiry` that are offers.
  private final TreeSet<Entry> offers = new TreeSet<>(LEAST_RECENT_FIRST);

  /// What was offered to whom before another client was offered it; the oldest are forgotten.
  private final Map<HardwareAddress, Inet4Address> displaced =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<HardwareAddress, Inet4Address> eldest) {
          return size() > MAX_DISPLACED;
        }
      };

  /// @param at when it was counted
  private record Crowd(Instant at, boolean crowded) {}

  /// By the network's address.
  private final Map<Inet4Address, Crowd> crowds = new HashMap<>();

  /// Where the search for a fresh address goes on, by the network's address.
  private final Map<Inet4Address, Cursor> cursors = new HashMap<>();

  /// Below it everything of the subnet is in the table or not for lending, so each is passed once.
  private static final class Cursor {
    final Subnet subnet;
    long at;

    Cursor(Subnet subnet) {
      this.subnet = subnet;
    }
  }

  public LeaseTable(Collection<Lease> stored) {
    for (Lease lease : stored) {
      replace(
          new Entry(
              lease.address(),
              lease.mac(),
              lease.expires(),
              lease.declined() ? Kind.DECLINED : Kind.BOUND));
    }
  }

  /// The machine that holds this address now.
  public synchronized Optional<HardwareAddress> holder(Inet4Address address, Instant now) {
    Entry entry = byAddress.get(address);
    return entry != null && entry.kind() == Kind.BOUND && entry.active(now)
        ? Optional.of(entry.mac())
        : Optional.empty();
  }

  /// Leases that have not expired.
  public synchronized List<Lease> active(Instant now) {
    List<Lease> active = new ArrayList<>();
    for (Entry entry : byAddress.values()) {
      if (entry.kind() != Kind.OFFERED && entry.active(now)) {
        active.add(
            new Lease(
                entry.mac(), entry.address(), entry.expires(), entry.kind() == Kind.DECLINED));
      }
    }
    return active;
  }

  public synchronized int activeCount(Instant now) {
    return (int)
        byAddress.values().stream()
            .filter(entry -> entry.kind() == Kind.BOUND && entry.active(now))
            .count();
  }

  synchronized @Nullable Entry at(Inet4Address address) {
    return byAddress.get(address);
  }

  /// Whether the table has heard of this machine.
  synchronized boolean knows(HardwareAddress mac) {
    return byMac.containsKey(mac);
  }

  /// Whether nobody else has or is being offered this address.
  synchronized boolean free(Inet4Address address, HardwareAddress mac, Instant now) {
    Entry entry = byAddress.get(address);
    return entry == null
        || !entry.active(now)
        || (entry.mac().equals(mac) && entry.kind() != Kind.DECLINED)
        || (entry.kind() == Kind.OFFERED && address.equals(displaced.get(mac)));
  }

  /// Whether this machine has an address lent.
  synchronized boolean holds(HardwareAddress mac, Instant now) {
    return byMac.getOrDefault(mac, Set.of()).stream()
        .map(byAddress::get)
        .anyMatch(e -> e != null && e.kind() == Kind.BOUND && e.active(now));
  }

  /// Whether three quarters of the network's pool or more are lent.
  synchronized boolean crowded(Subnet subnet, Instant now) {
    Crowd before = crowds.get(subnet.address());
    if (before != null && Duration.between(before.at(), now).abs().compareTo(RECOUNT) < 0) {
      return before.crowded();
    }
    long lent =
        byAddress.values().stream()
            .filter(e -> e.kind() == Kind.BOUND && e.active(now) && subnet.lends(e.address()))
            .count();
    long size = subnet.poolSize();
    boolean crowded = size > 0 && lent * 4 >= size * 3;
    crowds.put(subnet.address(), new Crowd(now, crowded));
    return crowded;
  }

  /// An address of the pool for this machine: its old one, else the one it asks for if nobody ever
  /// had it, else a fresh one, else the least recently used, else the one of the oldest offer.
  synchronized Optional<Inet4Address> choose(
      HardwareAddress mac, Optional<Inet4Address> requested, Subnet subnet, Instant now) {
    Optional<Inet4Address> old =
        byMac.getOrDefault(mac, Set.of()).stream()
            .filter(address -> subnet.lends(address) && free(address, mac, now))
            .max(Comparator.comparing(address -> expiry(address)));
    if (old.isPresent()) {
      return old;
    }
    if (requested.filter(a -> subnet.lends(a) && !byAddress.containsKey(a)).isPresent()) {
      return requested;
    }
    return fresh(subnet).or(() -> leastRecentlyUsed(subnet, now)).or(() -> oldestOffer(subnet));
  }

  private Optional<Inet4Address> oldestOffer(Subnet subnet) {
    return offers.stream().map(Entry::address).filter(subnet::lends).findFirst();
  }

  private Instant expiry(Inet4Address address) {
    Entry entry = byAddress.get(address);
    return entry == null ? Instant.MIN : entry.expires();
  }

  private Optional<Inet4Address> fresh(Subnet subnet) {
    Cursor cursor = cursors.get(subnet.address());
    if (cursor == null || cursor.subnet != subnet) { // a changed configuration is another object
      cursor = new Cursor(subnet);
      cursors.put(subnet.address(), cursor);
    }
    for (AddressRange pool : subnet.pools()) {
      cursor.at = Math.max(cursor.at, Ipv4.order(pool.first()));
      for (; cursor.at <= Ipv4.order(pool.last()); cursor.at++) {
        Inet4Address address = Ipv4.of((int) cursor.at);
        if (!byAddress.containsKey(address) && subnet.lends(address)) {
          return Optional.of(address);
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Inet4Address> leastRecentlyUsed(Subnet subnet, Instant now) {
    for (Entry entry : byExpiry) {
      if (entry.active(now)) {
        return Optional.empty();
      }
      if (subnet.lends(entry.address())) {
        return Optional.of(entry.address());
      }
    }
    return Optional.empty();
  }

  /// Keeps an address for the client it was offered to. A lease that still runs stays a lease.
  ///
  /// @return whether another client's offer had to give way
  synchronized boolean hold(Inet4Address address, HardwareAddress mac, Instant until, Instant now) {
    Entry entry = byAddress.get(address);
    boolean gaveWay = false;
    if (entry != null
        && entry.kind() == Kind.OFFERED
        && entry.active(now)
        && !entry.mac().equals(mac)) {
      gaveWay = true;
      displaced.remove(entry.mac()); // to the end of the order
      displaced.put(entry.mac(), address);
    }
    if (entry != null
        && entry.kind() == Kind.BOUND
        && entry.mac().equals(mac)
        && entry.active(now)) {
      Instant end = entry.expires().isAfter(until) ? entry.expires() : until;
      replace(new Entry(address, mac, end, Kind.BOUND));
    } else {
      replace(new Entry(address, mac, until, Kind.OFFERED));
    }
    return gaveWay;
  }

  /// Gives up an offer that its client did not take.
  synchronized void letGo(HardwareAddress mac, Instant now) {
    for (Inet4Address address : List.copyOf(byMac.getOrDefault(mac, Set.of()))) {
      Entry entry = byAddress.get(address);
      if (entry != null && entry.kind() == Kind.OFFERED) {
        replace(new Entry(address, mac, now, Kind.OFFERED));
      }
    }
  }

  /// Lends the address; the machine's other addresses are dropped: one lease per machine.
  synchronized Change bind(Inet4Address address, HardwareAddress mac, Instant expires) {
    List<Inet4Address> drop = new ArrayList<>();
    for (Inet4Address other : List.copyOf(byMac.getOrDefault(mac, Set.of()))) {
      Entry entry = byAddress.get(other);
      if (!other.equals(address) && entry != null && entry.kind() != Kind.DECLINED) {
        remove(entry);
        drop.add(other);
      }
    }
    displaced.remove(mac);
    replace(new Entry(address, mac, expires, Kind.BOUND));
    return new Change(List.of(new Lease(mac, address, expires, false)), drop);
  }

  /// A lease that could not be stored was never acknowledged: what is left of it is an offer.
  synchronized void unbind(Lease lease, Instant heldUntil) {
    Entry entry = byAddress.get(lease.address());
    if (entry != null && entry.kind() == Kind.BOUND && entry.mac().equals(lease.mac())) {
      replace(new Entry(lease.address(), lease.mac(), heldUntil, Kind.OFFERED));
    }
  }

  /// Ends the lease now, if this machine has it; the address stays its own until needed.
  synchronized Optional<Change> release(Inet4Address address, HardwareAddress mac, Instant now) {
    Entry entry = byAddress.get(address);
    if (entry == null || entry.kind() != Kind.BOUND || !entry.mac().equals(mac)) {
      return Optional.empty();
    }
    Instant end = entry.expires().isBefore(now) ? entry.expires() : now;
    replace(new Entry(address, mac, end, Kind.BOUND));
    return Optional.of(new Change(List.of(new Lease(mac, address, end, false)), List.of()));
  }

  /// Leaves an address alone that a stranger answered for before it was lent.
  synchronized Change quarantine(Inet4Address address, HardwareAddress mac, Instant until) {
    replace(new Entry(address, mac, until, Kind.DECLINED));
    return new Change(List.of(new Lease(mac, address, until, true)), List.of());
  }

  /// Leaves an address alone that its client found in use.
  synchronized Optional<Change> decline(Inet4Address address, HardwareAddress mac, Instant until) {
    Entry entry = byAddress.get(address);
    if (entry == null || !entry.mac().equals(mac) || entry.kind() == Kind.DECLINED) {
      return Optional.empty();
    }
    replace(new Entry(address, mac, until, Kind.DECLINED));
    return Optional.of(new Change(List.of(new Lease(mac, address, until, true)), List.of()));
  }

  private void replace(Entry entry) {
    Entry before = byAddress.get(entry.address());
    if (before != null) {
      take(before);
    }
    insert(entry);
  }

  private void insert(Entry entry) {
    byAddress.put(entry.address(), entry);
    byExpiry.add(entry);
    if (entry.kind() == Kind.OFFERED) {
      offers.add(entry);
    }
    byMac.computeIfAbsent(entry.mac(), unused -> new LinkedHashSet<>()).add(entry.address());
  }

  /// The address is fresh again.
  private void remove(Entry entry) {
    take(entry);
    for (Cursor cursor : cursors.values()) {
      if (cursor.subnet.contains(entry.address())) {
        cursor.at = Math.min(cursor.at, Ipv4.order(entry.address()));
      }
    }
  }

  private void take(Entry entry) {
    byAddress.remove(entry.address());
    byExpiry.remove(entry);
    offers.remove(entry);
    Set<Inet4Address> addresses = byMac.get(entry.mac());
    if (addresses != null) {
      addresses.remove(entry.address());
      if (addresses.isEmpty()) {
        byMac.remove(entry.mac());
      }
    }
  }
}
