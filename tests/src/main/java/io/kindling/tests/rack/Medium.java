package io.kindling.tests.rack;

import java.nio.file.Path;
import java.util.List;

/// What a machine starts from before anything else.
///
/// @param image the medium's bytes, never written to
public record Medium(Kind kind, Path image) {

  public enum Kind {
    /// In a drive for discs.
    DISC,
    /// At USB.
    STICK
  }

  /// QEMU's arguments for it.
  List<String> arguments() {
    String file = "if=none,format=raw,id=medium,file=" + image;
    return switch (kind) {
      case DISC ->
          List.of(
              "-drive",
              file + ",media=cdrom,readonly=on",
              "-device",
              "ide-cd,drive=medium,bootindex=0");
      case STICK ->
          List.of(
              "-drive",
              file + ",snapshot=on",
              "-device",
              "qemu-xhci",
              "-device",
              "usb-storage,drive=medium,bootindex=0");
    };
  }
}
