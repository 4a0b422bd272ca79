package io.kindling.tests.rack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Finds out whether KVM works here. A `/dev/kvm` that exists is no proof (nested virtualisation
/// may die at the first instruction it does not know), so a kernel is booted in it.
public final class Accelerator {

  /// QEMU's `-accel` value that always works.
  public static final String EMULATION = "tcg,thread=multi";

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Accelerator() {}

  /// Without the string operations that processors do fast: emulation does `rep movsb` and `rep
  /// stosb` byte by byte, and with these flags Linux copies and clears memory by them. A kernel
  /// starts a tenth sooner without.
  public static final String CPU = "max,-erms,-fsrm";

  /// `kvm` where a guest kernel got as far as looking for its root file system, else emulation.
  ///
  /// @param kernel any kernel with a serial console
  public static String probe(Path kernel) {
    if (!Files.isWritable(Path.of("/dev/kvm"))) {
      return EMULATION;
    }
    try {
      Path console = Files.createTempFile("kindling-kvm", ".log");
      try {
        Commands.attempt(
            LIMIT,
            List.of(
                "qemu-system-x86_64",
                "-accel",
                "kvm",
                "-cpu",
                "max",
                "-m",
                "512",
                "-nodefaults",
                "-display",
                "none",
                "-no-reboot",
                "-serial",
                "file:" + console,
                "-kernel",
                kernel.toString(),
                "-append",
                "console=ttyS0 panic=-1"));
        return Files.readString(console, java.nio.charset.StandardCharsets.ISO_8859_1)
                .contains("Unable to mount root fs")
            ? "kvm"
            : EMULATION;
      } finally {
        Files.deleteIfExists(console);
      }
    } catch (IOException e) {
      return EMULATION;
    }
  }
}
