package io.kindling.postinstall.internal;

import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.kickstart.NetworkDevice;
import io.kindling.ksgen.kickstart.NetworkDevice.Bond;
import io.kindling.ksgen.kickstart.NetworkDevice.Bridge;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import io.kindling.postinstall.InstallPlan;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// The filter between the plan's values and configuration files: each value has a shape that means
/// nothing else in fstab, INI, hosts, sudoers or GRUB's shell, or the installation stops before it
/// touched a disk. (In our own scripts values are quoted besides.)
final class Values {

  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
  private static final Pattern MAC = Pattern.compile("([0-9a-f]{2}:){5}[0-9a-f]{2}");
  private static final Pattern DEVICE = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,14}");
  private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
  private static final Pattern KEY =
      Pattern.compile(
          "(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp[0-9]{3}) [A-Za-z0-9+/=]+( \\P{Cntrl}*)?");
  private static final Pattern CONSOLE = Pattern.compile("[A-Za-z][A-Za-z0-9]*(,[A-Za-z0-9]+)?");
  private static final Pattern PLACE = Pattern.compile("/|(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)+");
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9+_.-]*");
  private static final Pattern URL = Pattern.compile("https?://[!-~&&[^'\"\\\\`$]]+");
  private static final Pattern PGP =
      Pattern.compile(
          "-----BEGIN PGP PUBLIC KEY BLOCK-----\n[A-Za-z0-9+/=: .()\n-]+\n"
              + "-----END PGP PUBLIC KEY BLOCK-----\n");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private Values() {}

  /// @throws BadValue for the first value that will not do
  static void check(InstallPlan plan) {
    InstallPlan.HostSettings system = plan.system();
    is("the host name", LABEL, system.hostName());
    if (system.domain() != null) {
      domain("the domain", system.domain());
    }
    is("the user", USER, system.adminUser());
    if (system.adminUser().equals("root")) {
      throw new BadValue("the user", "root");
    }
    is("the appliance's public key", KEY, system.adminPublicKey());
    system.consoles().forEach(c -> is("a console", CONSOLE, c));
    system.dns().forEach(d -> address("a DNS server", d));
    for (String server : system.ntpServers()) {
      if (!isAddress(server)) {
        domain("a time server", server);
      }
    }
    var names = new HashSet<String>();
    for (NetworkDevice device : system.network()) {
      device(device, names);
      names.add(device.name());
    }
    address("the management address", system.address());
    InstallPlan.PackageSource packages = system.packages();
    if (packages != null) {
      is("the package source's URL", URL, packages.url());
      is("the package source's suite", WORD, packages.suite());
      is("the package source's key", PGP, packages.key());
    }
    InstallPlan.Image image = plan.image();
    if (image != null) {
      is("the image's URL", URL, image.url());
      is("the image's SHA-256", SHA256, image.sha256());
    }
    for (DiskPlan.Mount mount : plan.disks().mounts()) {
      if (!mount.mount().equals("swap")) {
        is("a mount point", PLACE, mount.mount());
      }
      is("a file system", WORD, mount.fileSystem());
      is("a file system's id", WORD, mount.fileSystemId());
    }
    plan.disks().groups().forEach(g -> is("a volume group", WORD, g.name()));
    if (plan.disks().mounts().stream().noneMatch(m -> m.mount().equals("/"))) {
      throw new BadValue("the layout", "without a file system for /");
    }
  }

  /// @param before names of the devices before it, which it may be made of
  private static void device(NetworkDevice device, Set<String> before) {
    is("a network device's name", DEVICE, device.name());
    if (before.contains(device.name())) {
      throw new BadValue("a network device's name, given twice,", device.name());
    }
    List<String> below =
        switch (device) {
          case Nic nic -> {
            is("an interface's hardware address", MAC, nic.mac());
            yield List.of();
          }
          case Bond bond -> bond.members();
          case Bridge bridge -> bridge.members();
          case Vlan vlan -> {
            if (vlan.id() < 1 || vlan.id() > 4094) {
              throw new BadValue("a VLAN", "" + vlan.id());
            }
            yield List.of(vlan.parent());
          }
        };
    for (String name : below) {
      if (!before.contains(name)) {
        throw new BadValue("what " + device.name() + " is made of", name);
      }
    }
    NetworkDevice.Address address = device.address();
    network(
        address == null ? null : address.address(),
        address == null ? null : address.gateway(),
        device.mtu());
  }

  private static void network(
      @org.jspecify.annotations.Nullable String address,
      @org.jspecify.annotations.Nullable String gateway,
      @org.jspecify.annotations.Nullable Integer mtu) {
    if (address != null) {
      String[] parts = address.split("/", -1);
      if (parts.length != 2 || !parts[1].matches("[0-9]{1,3}")) {
        throw new BadValue("an address with prefix length", address);
      }
      InetAddress parsed = address("an address", parts[0]);
      if (Integer.parseInt(parts[1]) > (parsed instanceof Inet4Address ? 32 : 128)) {
        throw new BadValue("an address with prefix length", address);
      }
    }
    if (gateway != null) {
      address("a gateway", gateway);
    }
    if (mtu != null && (mtu < 576 || mtu > 65535)) {
      throw new BadValue("an MTU", "" + mtu);
    }
  }

  private static InetAddress address(String what, String value) {
    try {
      if (value.indexOf('%') < 0) {
        return InetAddress.ofLiteral(value);
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new BadValue(what, value);
  }

  private static boolean isAddress(String value) {
    try {
      InetAddress.ofLiteral(value);
      return value.indexOf('%') < 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void domain(String what, String value) {
    for (String label : value.split("\\.", -1)) {
      if (!LABEL.matcher(label).matches()) {
        throw new BadValue(what, value);
      }
    }
  }

  private static void is(String what, Pattern shape, String value) {
    if (!shape.matcher(value).matches()) {
      throw new BadValue(what, value);
    }
  }
}
