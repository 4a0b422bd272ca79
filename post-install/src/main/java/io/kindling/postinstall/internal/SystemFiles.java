package io.kindling.postinstall.internal;

import io.kindling.ksgen.DiskPlan;
import io.kindling.postinstall.InstallPlan;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The installed system's own configuration files, as text. Pure; every value has passed [Values].
final class SystemFiles {

  private static final Pattern SERIAL = Pattern.compile("ttyS([0-9]+)(?:,([0-9]+).*)?");
  static final String OURS = "# Written by Kindling when this node was installed.\n";

  private SystemFiles() {}

  /// Path → text of the files that only tell this node from another; mode 0644.
  static Map<String, String> node(InstallPlan plan) {
    InstallPlan.HostSettings system = plan.system();
    var files = new TreeMap<String, String>();
    files.put("/etc/hostname", system.hostName() + "\n");
    files.put("/etc/hosts", hosts(plan));
    files.put("/etc/resolv.conf", resolver(system));
    files.put("/etc/chrony/chrony.conf", CHRONY);
    files.put(
        "/etc/chrony/sources.d/kindling.sources",
        system.ntpServers().stream()
            .map(s -> "server " + s + " iburst\n")
            .collect(Collectors.joining("", OURS, "")));
    files.put("/etc/ssh/sshd_config.d/00-kindling.conf", SSHD);
    files.put("/etc/systemd/system/systemd-networkd-wait-online.service.d/kindling.conf", ONLINE);
    InstallPlan.PackageSource packages = system.packages();
    if (packages != null) {
      files.put(AptSource.KEY, packages.key());
      // The image's own list, of Debian's archives, gives way.
      files.put(AptSource.LIST, AptSource.list(packages));
    }
    files.putAll(NetworkdFiles.of(system.network()));
    return files;
  }

  /// systemd.mount(5) waits 90 s for a device, then the system ends in an emergency shell that
  /// nobody can enter. Where hundreds of drives spin up, or the machine is slow, they come later.
  private static final String LATE = ",x-systemd.device-timeout=10min";

  static String fstab(DiskPlan disks) {
    var lines = new StringBuilder(OURS);
    for (DiskPlan.Mount mount : disks.mounts()) {
      String type = mount.fileSystem();
      boolean swap = mount.mount().equals("swap");
      String options =
          switch (type) {
            case "swap" -> "sw" + LATE;
            case "ext4" -> mount.mount().equals("/") ? "errors=remount-ro" : "defaults" + LATE;
            // A node whose second OS disk died must still come up.
            case "vfat" -> "umask=0077,nofail" + LATE;
            default -> "defaults" + LATE;
          };
      int check = swap || type.equals("xfs") ? 0 : mount.mount().equals("/") ? 1 : 2;
      lines.append(
          "UUID=%s %s %s %s 0 %d\n"
              .formatted(
                  mount.fileSystemId(), swap ? "none" : mount.mount(), type, options, check));
    }
    return lines.toString();
  }

  /// `/etc/mdadm/mdadm.conf`: the arrays by the names that they have everywhere. The image's
  /// initramfs knows none of them and need not: it starts arrays by what their metadata say.
  static String mdadm(DiskPlan disks) {
    var text = new StringBuilder(OURS).append("HOMEHOST <ignore>\nMAILADDR root\n");
    for (DiskPlan.RaidArray array : disks.arrays()) {
      text.append(
          "ARRAY /dev/md/%s metadata=%s UUID=%s\n"
              .formatted(array.name(), array.metadata(), mdadmId(array.id())));
    }
    return text.toString();
  }

  /// An array's id as mdadm writes it.
  static String mdadmId(UUID id) {
    String digits = id.toString().replace("-", "");
    return String.join(
        ":",
        digits.substring(0, 8),
        digits.substring(8, 16),
        digits.substring(16, 24),
        digits.substring(24));
  }

  /// `/etc/default/grub.d/kindling.cfg`: a short menu, on the machine's consoles.
  static String grubDefaults(List<String> consoles) {
    String arguments = consoles.stream().map(c -> "console=" + c).collect(Collectors.joining(" "));
    var text =
        new StringBuilder(OURS)
            .append("GRUB_TIMEOUT=2\n")
            .append("GRUB_TIMEOUT_STYLE=menu\n")
            .append("GRUB_DISABLE_OS_PROBER=true\n")
            .append("GRUB_CMDLINE_LINUX_DEFAULT=\"\"\n")
            .append("GRUB_CMDLINE_LINUX=\"")
            .append(arguments)
            .append("\"\n");
    for (String console : consoles.reversed()) {
      Matcher serial = SERIAL.matcher(console);
      if (serial.matches()) {
        String speed = serial.group(2) == null ? "115200" : serial.group(2);
        text.append("GRUB_TERMINAL=\"console serial\"\n")
            .append("GRUB_SERIAL_COMMAND=\"serial --unit=")
            .append(serial.group(1))
            .append(" --speed=")
            .append(speed)
            .append("\"\n");
        break;
      }
    }
    return text.toString();
  }

  private static String hosts(InstallPlan plan) {
    String name = plan.system().hostName();
    String names =
        plan.system().domain() == null ? name : name + "." + plan.system().domain() + " " + name;
    return OURS
        + "127.0.0.1 localhost\n"
        + "::1 localhost ip6-localhost ip6-loopback\n"
        + plan.system().address()
        + " "
        + names
        + "\n";
  }

  private static String resolver(InstallPlan.HostSettings system) {
    return OURS
        + (system.domain() == null ? "" : "search " + system.domain() + "\n")
        + system.dns().stream()
            .limit(3) // resolv.conf(5): MAXNS
            .map(d -> "nameserver " + d + "\n")
            .collect(Collectors.joining());
  }

  /// A resident clock error is stepped in the first exchanges only (chrony.conf(5), makestep).
  private static final String CHRONY =
      OURS
          + """
          sourcedir /etc/chrony/sources.d
          confdir /etc/chrony/conf.d
          keyfile /etc/chrony/chrony.keys
          driftfile /var/lib/chrony/chrony.drift
          logdir /var/log/chrony
          maxupdateskew 100.0
          makestep 1 3
          rtcsync
          """;

  private static final String SSHD =
      OURS
          + """
          HostKey /etc/ssh/ssh_host_ed25519_key
          PermitRootLogin no
          PasswordAuthentication no
          KbdInteractiveAuthentication no
          AuthenticationMethods publickey
          UseDNS no
          """;

  private static final String ONLINE =
      OURS
          + """
          [Service]
          ExecStart=
          ExecStart=/usr/lib/systemd/systemd-networkd-wait-online --any --timeout=60
          """;
}
