package io.kindling.pxe;

import io.kindling.pxe.dhcp.DhcpConfig;
import io.kindling.pxe.tftp.TftpConfig;
import java.util.Optional;

/// Where and how to serve. Immutable.
///
/// @param interfaceName network interface of the provisioning network, at most 15 bytes; empty: no
///   DHCP server (another one sends machines here)
/// @param dhcp what DHCP hands out; its server address is also where TFTP listens
/// @param dhcpPort 67, and its clients' is one above
/// @param tftpPort 69; 0 for any free one
public record PxeConfig(
    Optional<String> interfaceName, DhcpConfig dhcp, TftpConfig tftp, int dhcpPort, int tftpPort) {

  public static final int DHCP_PORT = 67;
  public static final int TFTP_PORT = 69;

  public static PxeConfig on(String interfaceName, DhcpConfig dhcp) {
    return new PxeConfig(
        Optional.of(interfaceName), dhcp, TftpConfig.DEFAULT, DHCP_PORT, TFTP_PORT);
  }
}
