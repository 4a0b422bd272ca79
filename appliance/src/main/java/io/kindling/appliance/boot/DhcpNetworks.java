package io.kindling.appliance.boot;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.config.Dhcp;
import io.kindling.appliance.config.KindlingConfig.Provisioning;
import io.kindling.appliance.net.AddressRange;
import io.kindling.appliance.net.Addresses;
import io.kindling.pxe.dhcp.DhcpConfig;
import io.kindling.pxe.dhcp.Subnet;
import java.net.Inet4Address;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What DHCP hands out: kindling.yaml's networks, and the cluster file's pool and names where one
/// is applied. Pure.
public final class DhcpNetworks {

  private DhcpNetworks() {}

  /// Before any cluster.
  public static DhcpConfig of(Provisioning provisioning, URI machines) {
    return of(
        provisioning,
        machines,
        provisioning.pool(),
        Set.of(),
        provisioning.router(),
        provisioning.dns(),
        Optional.empty());
  }

  /// The cluster file's pool and names replace those of kindling.yaml.
  public static DhcpConfig of(Provisioning provisioning, URI machines, Cluster cluster) {
    Cluster.Network management = cluster.management();
    Set<Inet4Address> virtual = new HashSet<>();
    management.vip().ifPresent(virtual::add);
    return of(
        provisioning,
        machines,
        management.dhcp().orElse(provisioning.pool()),
        virtual,
        management.gateway().or(provisioning::router),
        cluster.dns().stream().flatMap(d -> Addresses.parse(d).stream()).toList(),
        cluster.domain());
  }

  private static DhcpConfig of(
      Provisioning provisioning,
      URI machines,
      AddressRange pool,
      Set<Inet4Address> virtual,
      Optional<Inet4Address> router,
      List<Inet4Address> dns,
      Optional<String> domain) {
    Dhcp dhcp = provisioning.dhcp();
    Inet4Address server = provisioning.address().address();
    Set<Inet4Address> exclusions = new HashSet<>(virtual);
    exclusions.addAll(each(dhcp.exclude()));
    Subnet local =
        Subnet.of(server, provisioning.address().prefix(), List.of(range(pool)))
            .withPools(List.of(range(pool)), exclusions, dhcp.reservations())
            .withNames(router, dns, List.of(server), domain);
    List<Subnet> relayed =
        dhcp.relayed().stream().map(network -> relayed(network, server, dns, domain)).toList();
    return DhcpConfig.of(server, provisioning.address().prefix(), range(pool), machines)
        .withNetworks(local, relayed)
        .withTimes(
            provisioning.lease(),
            DhcpConfig.DEFAULT_OFFER_HOLD,
            DhcpConfig.DEFAULT_DECLINE_QUARANTINE)
        .withProbeWait(dhcp.probe());
  }

  private static Subnet relayed(
      Dhcp.Relayed network, Inet4Address server, List<Inet4Address> dns, Optional<String> domain) {
    return Subnet.of(network.relay().address(), network.relay().prefix(), List.of())
        .withPools(
            network.pools().stream().map(DhcpNetworks::range).toList(),
            each(network.exclude()),
            network.reservations())
        .withNames(
            Optional.of(network.router()),
            network.dns().orElse(dns),
            List.of(server),
            network.domain().or(() -> domain));
  }

  private static Set<Inet4Address> each(List<AddressRange> ranges) {
    Set<Inet4Address> all = new HashSet<>();
    for (AddressRange range : ranges) {
      for (long at = Addresses.number(range.first()); at <= Addresses.number(range.last()); at++) {
        all.add(Addresses.of(at));
      }
    }
    return all;
  }

  private static io.kindling.pxe.dhcp.AddressRange range(AddressRange range) {
    return new io.kindling.pxe.dhcp.AddressRange(range.first(), range.last());
  }
}
