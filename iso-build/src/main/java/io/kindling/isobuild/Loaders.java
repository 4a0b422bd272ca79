package io.kindling.isobuild;

import java.nio.file.Path;
import java.util.List;

/// The network boot loaders of Debian's packages: a directory that holds exactly the files of
/// [#FILES] (and `packages.txt`, the packages they are from).
public record Loaders(Path directory) {

  /// shim and GRUB for UEFI (signed), iPXE for BIOS and UEFI.
  public static final List<String> FILES =
      List.of(
          "shimx64.efi",
          "grubx64.efi",
          "shimaa64.efi",
          "grubaa64.efi",
          "undionly.kpxe",
          "ipxe.efi");
}
