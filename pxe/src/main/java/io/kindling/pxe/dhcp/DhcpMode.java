package io.kindling.pxe.dhcp;

/// How the appliance takes part in DHCP on its network.
public enum DhcpMode {
  /// It lends addresses and says what to boot.
  SERVER,
  /// The site's server lends addresses; the appliance says what to boot, to machines that netboot.
  PROXY,
  /// Not at all: another server sends machines here.
  OFF
}
