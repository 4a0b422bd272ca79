package io.kindling.appliance.config;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.net.AddressRange;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.net.Cidr;
import io.kindling.appliance.yaml.YamlException;
import io.kindling.appliance.yaml.YamlMap;
import io.kindling.appliance.yaml.YamlValue;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// kindling.yaml: what the appliance is started with. Immutable.
///
/// @param state the state directory: database, keys, logs, the operators' socket
/// @param listen the two HTTP listeners
/// @param provisioning the network that machines boot on
/// @param images where built images are kept
/// @param deploy how installations are run
/// @param time what it does for the machines' clocks
/// @param text the file as the operator wrote it
public record KindlingConfig(
    Path state,
    Listen listen,
    Provisioning provisioning,
    Images images,
    Deploy deploy,
    Time time,
    String text) {

  private static final Pattern INTERFACE = Pattern.compile("[^\\s/]{1,15}");

  /// @param networkInterface the NIC that DHCP answers on
  /// @param address the appliance's own address there
  /// @param pool addresses lent to machines until they are installed
  /// @param router default gateway told to machines, if any
  /// @param dns name servers told to machines
  /// @param lease how long an address is lent
  /// @param dhcp how it takes part in DHCP
  public record Provisioning(
      String networkInterface,
      Cidr address,
      AddressRange pool,
      Optional<Inet4Address> router,
      List<Inet4Address> dns,
      Duration lease,
      Dhcp dhcp) {
    public Provisioning {
      dns = List.copyOf(dns);
    }
  }

  /// @param cache directory of built images and boot files
  public record Images(Path cache) {}

  /// @param parallel installations at the same time, at most
  public record Deploy(int parallel) {}

  /// @param serve give the machines this machine's time; false where another server of this machine
  ///   does
  public record Time(boolean serve) {}

  /// Reads the file; every complaint is a [ApplianceException] that names file and line.
  public static KindlingConfig load(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new ApplianceException(
          ApplianceError.CONFIG_UNREADABLE, "cannot read " + file + ": " + e.getMessage(), e);
    }
    return parse(file.toString(), text);
  }

  /// Reads the text of a file of that name.
  public static KindlingConfig parse(String file, String text) {
    try {
      return read(YamlMap.parse(file, text), text);
    } catch (YamlException e) {
      throw new ApplianceException(ApplianceError.CONFIG_INVALID, e.text(), e);
    }
  }

  private static KindlingConfig read(YamlMap top, String text) {
    Path state = top.take("state").map(v -> Path.of(v.text())).orElse(defaultState());
    Listen listen = Listen.read(top.takeMap("listen"));

    YamlMap p = top.takeMap("provisioning");
    String nic =
        p.require("interface").text(INTERFACE, "the name of a network interface such as eno1");
    Optional<YamlValue> addressValue = p.take("address");
    Cidr address =
        addressValue
            .map(YamlValue::cidr)
            .orElseGet(() -> new Cidr(Addresses.of(0x0a140001L), 24)); // 10.20.0.1/24
    if (Addresses.number(address.address()) < address.first()
        || Addresses.number(address.address()) > address.last()) {
      throw addressValue
          .map(v -> v.wrong("`" + address + "` is the network itself, not a host's address in it"))
          .orElseThrow();
    }
    Optional<YamlValue> poolValue = p.take("pool");
    AddressRange pool = poolValue.map(YamlValue::range).orElseGet(() -> defaultPool(address, p));
    if (!pool.within(address)) {
      throw poolValue.orElseThrow().wrong("the pool " + pool + " is not inside " + address);
    }
    if (pool.contains(address.address())) {
      throw (poolValue.isPresent()
          ? poolValue.get().wrong("the pool holds the appliance's own address")
          : p.wrong("the default pool holds the appliance's own address; give `pool`"));
    }
    Optional<Inet4Address> router = p.take("router").map(v -> v.addressIn(address));
    List<Inet4Address> dns = p.take("dns").map(v -> v.each(YamlValue::address)).orElse(List.of());
    Duration lease =
        p.take("lease")
            .map(v -> {
              Duration d = v.duration();
              if (d.compareTo(Duration.ofSeconds(30)) < 0 || d.compareTo(Duration.ofDays(30)) > 0) {
                throw v.wrong("a lease lasts from 30s to 30d");
              }
              return d;
            })
            .orElse(Duration.ofMinutes(10));
    Dhcp dhcp = Dhcp.read(p, address);
    p.end();

    YamlMap images = top.takeMap("images");
    Path cache =
        images
            .take("cache")
            .map(v -> Path.of(v.text()))
            .orElseGet(() -> Path.of("/var/cache/kindling"));
    images.end();
    YamlMap deploy = top.takeMap("deploy");
    int parallel = deploy.take("parallel").map(v -> v.number(1, 100)).orElse(10);
    deploy.end();
    YamlMap time = top.takeMap("time");
    boolean serve = time.take("serve").map(YamlValue::yes).orElse(true);
    time.end();
    top.end();
    return new KindlingConfig(
        state,
        listen,
        new Provisioning(nic, address, pool, router, dns, lease, dhcp),
        new Images(cache),
        new Deploy(parallel),
        new Time(serve),
        text);
  }

  /// Where the state is kept unless told otherwise.
  public static Path defaultState() {
    return Path.of("/var/lib/kindling");
  }

  /// Hosts .100 to .199 of the network that holds the appliance's address.
  private static AddressRange defaultPool(Cidr address, YamlMap place) {
    long base = address.first() - 1;
    AddressRange pool = new AddressRange(Addresses.of(base + 100), Addresses.of(base + 199));
    if (!pool.within(address)) {
      throw place.wrong("`pool` must be given: " + address + " is too small for the default");
    }
    return pool;
  }
}
