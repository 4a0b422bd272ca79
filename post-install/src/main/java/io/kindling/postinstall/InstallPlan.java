package io.kindling.postinstall;

import io.kindling.inventory.facts.Facts.Firmware;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.kickstart.NetworkDevice;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Everything the installation of one node needs; computed by the appliance from live state.
///
/// @param bootstrap how to reach the running bootstrap
/// @param script the partition script of `disks` (kickstart-gen)
/// @param image what to unpack; null where a release's own installer installs, by kickstart
/// @param system what the installed system is to be
/// @param entry how the machine gets from the bootstrap into the installed system
public record InstallPlan(
    UUID node,
    int attempt,
    Bootstrap bootstrap,
    DiskPlan disks,
    String script,
    @Nullable Image image,
    HostSettings system,
    Entry entry) {

  /// How a machine gets from the bootstrap into the installed system.
  public enum Entry {
    /// Through its firmware, which so proves that it boots from the node's own disk.
    FIRMWARE,
    /// By the installed kernel straight from the bootstrap's; through the firmware where the kernel
    /// refuses that.
    KEXEC
  }

  /// @param hostKeys the host keys of the discovery report, each `type base64`; no other is
  ///   accepted
  public record Bootstrap(String address, int port, List<String> hostKeys) {
    public Bootstrap {
      hostKeys = List.copyOf(hostKeys);
    }
  }

  /// @param url where the node fetches the archive (tar.zst) over HTTP
  public record Image(String url, String sha256, long bytes) {}

  /// Where nodes get packages, and from nowhere else.
  ///
  /// @param url of the archive
  /// @param suite its release's name
  /// @param key the key that signs it, armoured
  public record PackageSource(String url, String suite, String key) {}

  /// @param network its devices; those that others are made of come first
  /// @param address where it is reached, without prefix length
  /// @param adminUser the non-root user with sudo; root and passwords never log in
  /// @param adminPublicKey the appliance's OpenSSH public key line
  /// @param ntpServers chrony's sources
  /// @param consoles kernel console arguments, the last is the main one (`tty0`, `ttyS0,115200n8`)
  /// @param packages null where the appliance has no packages: then what the image says stays
  public record HostSettings(
      String hostName,
      @Nullable String domain,
      Firmware firmware,
      List<NetworkDevice> network,
      String address,
      List<String> dns,
      List<String> ntpServers,
      String adminUser,
      String adminPublicKey,
      List<String> consoles,
      @Nullable PackageSource packages) {

    /// Without packages of the appliance's.
    public HostSettings(
        String hostName,
        @Nullable String domain,
        Firmware firmware,
        List<NetworkDevice> network,
        String address,
        List<String> dns,
        List<String> ntpServers,
        String adminUser,
        String adminPublicKey,
        List<String> consoles) {
      this(
          hostName,
          domain,
          firmware,
          network,
          address,
          dns,
          ntpServers,
          adminUser,
          adminPublicKey,
          consoles,
          null);
    }

    public HostSettings {
      network = List.copyOf(network);
      dns = List.copyOf(dns);
      ntpServers = List.copyOf(ntpServers);
      consoles = List.copyOf(consoles);
    }
  }
}
