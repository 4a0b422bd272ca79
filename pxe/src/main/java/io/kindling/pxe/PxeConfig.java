package io.kindling.pxe;

import io.kindling.pxe.dhcp.DhcpConfig;
import io.kindling.pxe.dhcp.DhcpMode;
import io.kindling.pxe.tftp.TftpConfig;
import java.util.Optional;

/// Where and how to serve. Immutable.
///
/// @param interfaceName network interface of the provisioning network, at most 15 bytes; empty: no
///   DHCP (another server sends machines here)
/// @param mode how it takes part in DHCP
/// @param beside serve though another DHCP server answers
/// @param dhcp what DHCP hands out; its server address is also where TFTP listens
/// @param dhcpPort 67, and its clients' is one above
/// @param tftpPort 69; 0 for any free one
public record PxeConfig(
    Optional<String> interfaceName,
    DhcpMode mode,
    boolean beside,
    DhcpConfig dhcp,
    TftpConfig tftp,
    int dhcpPort,
    int tftpPort) {

  public static final int DHCP_PORT = 67;
  public static final int TFTP_PORT = 69;

  /// Where PXE clients ask a boot server (PXE 2.1 §2.2.1).
  public static final int BOOT_SERVER_PORT = 4011;

  public static PxeConfig on(String interfaceName, DhcpConfig dhcp) {
    return on(interfaceName, DhcpMode.SERVER, false, dhcp);
  }

  public static PxeConfig on(String interfaceName, DhcpMode mode, boolean beside, DhcpConfig dhcp) {
    return new PxeConfig(
        Optional.of(interfaceName), mode, beside, dhcp, TftpConfig.DEFAULT, DHCP_PORT, TFTP_PORT);
  }
}
