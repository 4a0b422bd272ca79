package io.kindling.inventory;

import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Recorded machines and their facts, for tests of this and other modules.
///
/// `qemu-bios.json` and `qemu-uefi.json` are what the agent printed in emulated machines (SeaBIOS
/// and OVMF, Debian 13): a virtio disk, SCSI disks with WWN (one with a GPT, ext4 and an LVM
/// group), an NVMe drive. `dell-r640.json` has one of everything a server tells.
public final class TestParsing {
  private TestParsing() {}

  /// The recorded document of that name (`qemu-bios`, `qemu-uefi`, `dell-r640`).
  public static byte[] recorded(String name) {
    try (InputStream in = Facts.class.getResourceAsStream(name + ".json")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The facts of a document that can be read.
  public static Facts facts(byte[] document) {
    return parsed(document).facts();
  }

  public static Facts facts(String document) {
    return facts(document.getBytes(StandardCharsets.UTF_8));
  }

  public static FactsParser.Parsed parsed(byte[] document) {
    return switch (new FactsParser().parse(document)) {
      case FactsParser.Parsed parsed -> parsed;
      case FactsParser.Malformed bad -> throw new AssertionError(bad.error() + ": " + bad.reason());
    };
  }
}
