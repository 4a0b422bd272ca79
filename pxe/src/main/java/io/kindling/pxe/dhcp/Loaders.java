package io.kindling.pxe.dhcp;

import io.kindling.pxe.HardwareAddress;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/// Which loader a machine gets: the one table from client kind and architecture (IANA "Processor
/// Architecture Types") to boot file. A client gets the loader after its own, never its own again,
/// so no chain loops: firmware → iPXE → script, firmware → shim → GRUB → script.
final class Loaders {
  static final String BIOS_LOADER = "undionly.kpxe";
  static final String UEFI_LOADER = "shimx64.efi";
  static final String ARM64_LOADER = "shimaa64.efi";

  private static final int BIOS = 0;
  private static final int UEFI_X64 = 7;
  private static final int UEFI_X64_AS_BC = 9;
  private static final int UEFI_ARM64 = 11;
  private static final int UEFI_X64_HTTP = 16;
  private static final int UEFI_ARM64_HTTP = 19;
  private static final int NONE_NAMED = -1;
  private static final int ANY = -2;

  /// Everything UEFI among IANA's numbers: IA-32, EBC, x64, ARM, RISC-V, LoongArch, by TFTP or
  /// HTTP.
  private static final Set<Integer> UEFI =
      Set.of(
          2, 6, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 25, 26, 27, 28, 29, 30, 37, 38, 39, 40, 41,
          42);

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
          new Row(ClientKind.PXE, UEFI_ARM64, (base, mac) -> new Loader.Tftp(ARM64_LOADER, false)),
          new Row(ClientKind.HTTP, UEFI_X64_HTTP, (base, mac) -> http(base, UEFI_LOADER)),
          // EDK2 before 2019 sends the PXE number with the HTTP class.
          new Row(ClientKind.HTTP, UEFI_X64, (base, mac) -> http(base, UEFI_LOADER)),
          new Row(ClientKind.HTTP, UEFI_ARM64_HTTP, (base, mac) -> http(base, ARM64_LOADER)),
          new Row(ClientKind.HTTP, UEFI_ARM64, (base, mac) -> http(base, ARM64_LOADER)),
          // A ROM too old to name its architecture is a BIOS (option 93 came with UEFI).
          new Row(ClientKind.PXE, NONE_NAMED, (base, mac) -> new Loader.Tftp(BIOS_LOADER, true)));

  private final Predicate<String> present;

  /// @param present whether there is a boot file of that name: loaders for ARM64 are given out
  ///   where they are, and its absence is told instead of a name that leads nowhere
  Loaders(Predicate<String> present) {
    this.present = present;
  }

  /// UEFI takes only URLs that end in `.efi` (or .iso, .img) for programs (UEFI 2.10 §24.7.2), and
  /// only from an offer that says `HTTPClient` too (§24.7.3.1).
  private static Loader http(URI base, String loader) {
    return new Loader.Http(base + "/boot/files/" + loader, "HTTPClient");
  }

  Loader of(DhcpRequest request, URI httpBase) {
    boolean arm = request.architecture() == UEFI_ARM64 || request.architecture() == UEFI_ARM64_HTTP;
    if (arm && request.kind() != ClientKind.IPXE && !present.test(ARM64_LOADER)) {
      return request.kind() == ClientKind.SYSTEM
          ? new Loader.None()
          : new Loader.Unsupported(request.architecture());
    }
    for (Row row : TABLE) {
      if (row.kind() == request.kind()
          && (row.architecture() == ANY || row.architecture() == request.architecture())) {
        return row.loader().apply(httpBase, request.mac());
      }
    }
    return new Loader.Unsupported(request.architecture());
  }

  /// Whether the firmware itself asks and is UEFI; iPXE is iPXE wherever it runs.
  static boolean isUefi(DhcpRequest request) {
    return request.kind() != ClientKind.IPXE && UEFI.contains(request.architecture());
  }
}
