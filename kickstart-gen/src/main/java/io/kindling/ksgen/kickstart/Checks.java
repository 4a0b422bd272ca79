package io.kindling.ksgen.kickstart;

import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Bond;
import io.kindling.ksgen.kickstart.NetworkDevice.Bridge;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What values of a request may be: each has a shape that means nothing else where Anaconda itself
/// carries it on (GRUB's defaults, hosts, keyfiles, the user database).
final class Checks {

  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
  private static final Pattern URL = Pattern.compile("https?://[!-~&&[^'\"\\\\`$#]]+");
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_.-]{1,512}");
  private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_+-][A-Za-z0-9._+/-]{0,200}|\\.");
  private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
  private static final Pattern KEY =
      Pattern.compile(
          "(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp[0-9]{3}) [A-Za-z0-9+/=]+( [ -~&&[^\"'\\\\]]*)?");
  private static final Pattern KERNEL = Pattern.compile("[A-Za-z0-9_.,:/=@%+\\[\\]?-]{1,256}");
  private static final Pattern PACKAGE =
      Pattern.compile("-?(@\\^?)?[A-Za-z0-9][A-Za-z0-9._+:*-]{0,200}");
  private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}_[A-Z]{2}(\\.UTF-8)?");
  private static final Pattern KEYBOARD = Pattern.compile("[a-z0-9][a-z0-9_-]{0,31}");
  private static final Pattern TIMEZONE =
      Pattern.compile("[A-Za-z][A-Za-z0-9_+-]{0,39}(/[A-Za-z0-9_+-]{1,40}){0,2}");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.(?=.)|$)){4}");
  private static final Pattern DEVICE = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,14}");
  private static final Pattern MAC = Pattern.compile("([0-9a-f]{2}:){5}[0-9a-f]{2}");

  private static final int LEAST_MTU = 576;
  private static final int MOST_MTU = 65_535;

  private Checks() {}

  /// @throws LayoutException KSG-040 for the first value that will not do
  static void check(KickstartRequest request) {
    var appliance = request.appliance();
    is("the tree's URL", URL, appliance.tree());
    is("the appliance's URL", URL, appliance.agent());
    is("the attempt's token", TOKEN, appliance.token());
    for (var repository : appliance.repositories()) {
      is("a repository's name", DEVICE, repository.name());
      is("a repository's path", PATH, repository.path());
    }
    KickstartRequest.Host host = request.host();
    is("the host name", LABEL, host.name());
    if (host.domain() != null) {
      domain("the domain", host.domain());
    }
    host.dns().forEach(d -> address("a DNS server", d));
    for (String server : host.ntp()) {
      if (!isAddress(server)) {
        domain("a time server", server);
      }
    }
    is("the user", USER, host.adminUser());
    if (host.adminUser().equals("root")) {
      throw bad("the user", "root");
    }
    is("the user's public key", KEY, host.adminKey());
    wishes(host.locale(), host.kernelArguments(), host.packages());
    network(request);
  }

  static void wishes(
      KickstartRequest.Locale locale, List<String> kernelArguments, List<String> packages) {
    is("the language", LANGUAGE, locale.language());
    is("the keyboard", KEYBOARD, locale.keyboard());
    is("the time zone", TIMEZONE, locale.timezone());
    kernelArguments.forEach(a -> is("a kernel argument", KERNEL, a));
    packages.forEach(p -> is("a package", PACKAGE, p));
  }

  private static void network(KickstartRequest request) {
    var devices = new HashMap<String, NetworkDevice>();
    var macs = new HashSet<String>();
    for (NetworkDevice device : request.network()) {
      is("a network device's name", DEVICE, device.name());
      if (devices.putIfAbsent(device.name(), device) != null) {
        throw bad("a network device", device.name() + ", which is there twice");
      }
      if (device instanceof Nic nic) {
        is("a hardware address", MAC, nic.mac());
        if (!macs.add(nic.mac())) {
          throw bad("a hardware address", nic.mac() + ", which is there twice");
        }
      }
      Integer mtu = device.mtu();
      if (mtu != null && (mtu < LEAST_MTU || mtu > MOST_MTU)) {
        throw bad("an MTU", "" + mtu);
      }
      address(device.address());
    }
    var taken = new HashSet<String>();
    boolean reachable = false;
    for (NetworkDevice device : request.network()) {
      reachable |= device.address() != null;
      switch (device) {
        case Nic _ -> {}
        case Bond bond -> members(bond.name(), bond.members(), devices, taken, Set.of(Nic.class));
        case Bridge bridge ->
            members(
                bridge.name(),
                bridge.members(),
                devices,
                taken,
                Set.of(Nic.class, Bond.class, Vlan.class));
        case Vlan vlan -> {
          NetworkDevice parent = devices.get(vlan.parent());
          if (!(parent instanceof Nic || parent instanceof Bond)) {
            throw bad("the parent of " + vlan.name(), vlan.parent() + ", no NIC or bond");
          }
          if (vlan.id() < 1 || vlan.id() > 4094) {
            throw bad("a VLAN", "" + vlan.id());
          }
          if (mtu(vlan) > mtu(parent)) {
            throw bad(
                "the MTU of " + vlan.name(), mtu(vlan) + ", its parent carries " + mtu(parent));
          }
        }
      }
    }
    if (!reachable) {
      throw bad("the network", "without any address");
    }
  }

  private static void members(
      String name,
      List<String> members,
      Map<String, NetworkDevice> devices,
      Set<String> taken,
      Set<Class<? extends NetworkDevice>> kinds) {
    if (members.isEmpty()) {
      throw bad("the device " + name, "without members");
    }
    for (String member : members) {
      NetworkDevice device = devices.get(member);
      if (device == null || !kinds.contains(device.getClass())) {
        throw bad("a member of " + name, member);
      }
      if (!taken.add(member) || device.address() != null) {
        throw bad("a member of " + name, member + ", which has an address or is in another device");
      }
    }
  }

  private static int mtu(NetworkDevice device) {
    Integer mtu = device.mtu();
    return mtu == null ? 1500 : mtu;
  }

  private static void address(@Nullable Address address) {
    if (address == null) {
      return;
    }
    String[] parts = address.address().split("/", -1);
    if (parts.length != 2 || !parts[1].matches("[0-9]|[12][0-9]|3[0-2]")) {
      throw bad("an address with prefix length", address.address());
    }
    address("an address", parts[0]);
    if (address.gateway() != null) {
      address("a gateway", address.gateway());
    }
  }

  private static void address(String what, String value) {
    if (!isAddress(value)) {
      throw bad(what, value);
    }
  }

  private static boolean isAddress(String value) {
    return IPV4.matcher(value).matches();
  }

  private static void domain(String what, String value) {
    for (String label : value.split("\\.", -1)) {
      if (!LABEL.matcher(label).matches()) {
        throw bad(what, value);
      }
    }
  }

  private static void is(String what, Pattern shape, String value) {
    if (!shape.matcher(value).matches()) {
      throw bad(what, value);
    }
  }

  private static LayoutException bad(String what, String value) {
    return new LayoutException(LayoutError.KICKSTART_VALUE, what + " cannot be `" + value + "`.");
  }
}
