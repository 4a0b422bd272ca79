package io.kindling.pxe.dhcp;

import io.kindling.pxe.HardwareAddress;
import java.net.Inet4Address;
import java.time.Instant;
import java.util.Optional;

/// A DHCP server on the appliance's network that is not the appliance.
///
/// @param address its server identifier
/// @param mac who put its message on the wire
/// @param offered the address it offered last, if one
/// @param bootFile what it tells machines to boot, if anything
public record ForeignServer(
    Inet4Address address,
    HardwareAddress mac,
    Optional<Inet4Address> offered,
    Optional<String> bootFile,
    Instant firstHeard,
    Instant lastHeard) {

  /// `10.20.0.5 (52:54:00:00:00:05), offers 10.20.0.77`.
  public String text() {
    return address.getHostAddress()
        + " ("
        + mac
        + ")"
        + offered.map(offer -> ", offers " + offer.getHostAddress()).orElse("")
        + bootFile.map(file -> ", boot file " + file).orElse("");
  }
}
