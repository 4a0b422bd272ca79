package io.kindling.ksgen.kickstart;

import io.kindling.inventory.facts.Facts.Firmware;
import io.kindling.ksgen.DiskPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything a kickstart is made of. Immutable; values are checked when it is rendered.
///
/// @param firmware what the machine booted with when it was inventoried; the installer must have
///   booted with the same
public record KickstartRequest(
    Release release,
    DiskPlan disks,
    Firmware firmware,
    Appliance appliance,
    Host host,
    List<NetworkDevice> network) {

  public KickstartRequest {
    network = List.copyOf(network);
  }

  /// @param tree where the release's installation tree is (the directory of `.treeinfo`)
  /// @param repositories of the tree, by their path below it: what the installed system gets
  ///   packages from
  /// @param agent where the installer reports to: `http://10.20.0.1/agent/v1`
  /// @param token the attempt's; the one secret in a kickstart
  public record Appliance(String tree, List<Repository> repositories, String agent, String token) {
    public Appliance {
      repositories = List.copyOf(repositories);
    }
  }

  /// @param path below the tree: `BaseOS`, `AppStream`
  public record Repository(String name, String path) {}

  /// What the installed system is to be.
  ///
  /// @param adminUser the user with sudo and no password; root is locked
  /// @param adminKey an OpenSSH public key line
  /// @param kernelArguments for the installed system's boot loader, in order
  /// @param packages besides the minimal environment: `name`, `@group`, `-name` to leave out
  public record Host(
      String name,
      @Nullable String domain,
      List<String> dns,
      List<String> ntp,
      String adminUser,
      String adminKey,
      Locale locale,
      List<String> kernelArguments,
      List<String> packages) {
    public Host {
      dns = List.copyOf(dns);
      ntp = List.copyOf(ntp);
      kernelArguments = List.copyOf(kernelArguments);
      packages = List.copyOf(packages);
    }
  }

  /// @param language `en_US.UTF-8`
  /// @param keyboard a console keymap: `us`
  /// @param timezone `Etc/UTC`
  public record Locale(String language, String keyboard, String timezone) {
    public static final Locale STANDARD = new Locale("en_US.UTF-8", "us", "Etc/UTC");
  }
}
