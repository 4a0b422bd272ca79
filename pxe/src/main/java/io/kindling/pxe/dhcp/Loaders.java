package io.kindling.pxe.dhcp;

import io.kindling.pxe.HardwareAddress;
import java.net.URI;
import java.util.List;
import java.util.function.BiFunction;

/// Which loader a machine gets: the one table from client kind and architecture (IANA "Processor
/// Architecture Types") to boot file. A client gets the loader after its own, never its own again,
/// so no chain loops: firmware → iPXE → script, firmware → shim → GRUB → script.
final class Loaders {
  static final String BIOS_LOADER = "undionly.kpxe";
  static final String UEFI_LOADER = "shimx64.efi";

  private static final int BIOS = 0;
  private static final int UEFI_X64 = 7;
  private static final int UEFI_X64_AS_BC = 9;
  private static final int UEFI_X64_HTTP = 16;
  private static final int ANY = -2;

  /// What is handed to a netboot client.
  sealed interface Loader {
    /// By TFTP.
    ///
    /// @param endsDiscovery tell the ROM to take this file and look no further (PXE option 43.6)
    record Tftp(String file, boolean endsDiscovery) implements Loader {}

    /// By HTTP; `vendorClass` is what the client wants to see in option 60.
    record Http(String url, String vendorClass) implements Loader {}

    /// Not a machine that boots over the network.
    record None() implements Loader {}

    /// Wants to boot, and there is nothing for it.
    record Unsupported(int architecture) implements Loader {}
  }

  private record Row(
      ClientKind kind, int architecture, BiFunction<URI, HardwareAddress, Loader> loader) {}

  private static final List<Row> TABLE =
      List.of(
          new Row(ClientKind.SYSTEM, ANY, (base, mac) -> new Loader.None()),
          new Row(
              ClientKind.IPXE,
              ANY,
              (base, mac) -> new Loader.Http(base + "/boot/v1/ipxe?mac=" + mac, "")),
          new Row(ClientKind.PXE, BIOS, (base, mac) -> new Loader.Tftp(BIOS_LOADER, true)),
          new Row(ClientKind.PXE, UEFI_X64, (base, mac) -> new Loader.Tftp(UEFI_LOADER, false)),
          // Early firmware calls x64 "EBC" (9): RFC 4578 and its erratum disagree.
          new Row(
              ClientKind.PXE, UEFI_X64_AS_BC, (base, mac) -> new Loader.Tftp(UEFI_LOADER, false)),
          new Row(
              ClientKind.HTTP,
              UEFI_X64_HTTP,
              (base, mac) -> new Loader.Http(base + "/boot/files/" + UEFI_LOADER, "HTTPClient")),
          // A ROM too old to name its architecture is a BIOS (option 93 came with UEFI).
          new Row(ClientKind.PXE, -1, (base, mac) -> new Loader.Tftp(BIOS_LOADER, true)));

  private Loaders() {}

  static Loader of(DhcpRequest request, URI httpBase) {
    for (Row row : TABLE) {
      if (row.kind() == request.kind()
          && (row.architecture() == ANY || row.architecture() == request.architecture())) {
        return row.loader().apply(httpBase, request.mac());
      }
    }
    return new Loader.Unsupported(request.architecture());
  }
}
