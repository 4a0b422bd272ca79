package io.kindling.pxe.dhcp;

/// What asks for an address, as far as booting goes.
enum ClientKind {
  /// An operating system: a lease and no boot options.
  SYSTEM,
  /// Firmware that boots over the network (`PXEClient`).
  PXE,
  /// UEFI HTTP Boot (`HTTPClient`).
  HTTP,
  /// iPXE, in whatever firmware.
  IPXE
}
