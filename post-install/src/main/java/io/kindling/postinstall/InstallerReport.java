package io.kindling.postinstall;

/// How a release's own installer ended, as it told the appliance.
public sealed interface InstallerReport {

  /// The system is on the disks; the machine restarts into it.
  ///
  /// @param hostKey its public host key, `type base64`
  record Installed(String hostKey) implements InstallerReport {}

  /// @param reason in the installer's or its scripts' own words
  record Failed(String reason) implements InstallerReport {}
}
