package io.kindling.pxe.dhcp;

import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.nio.charset.StandardCharsets;

/// What single devices need beyond the RFCs, each with the device that needs it.
final class Quirks {

  private Quirks() {}

  /// Text with a NUL at its end, which RFC 2132 §2 advises against: Intel Boot Agent (PXE 2.1 build
  /// 082 and older) and PXELINUX before 3.x read options 66 and 67 as C strings, past their end.
  static Option cString(int code, String text) {
    return new Option(code, (text + "\0").getBytes(StandardCharsets.US_ASCII));
  }

  /// PXE option 43, sub-option 6 (discovery control) = 8: take the boot file of this message and
  /// look for no other boot server (PXE 2.1 §2.2.3). BIOS ROMs (Intel Boot Agent, Broadcom MBA)
  /// wait some seconds for one otherwise. UEFI (EDK2) must not get it from a proxy: it then takes
  /// the offer for one of a server with a boot menu.
  static Option noBootServerDiscovery() {
    return Option.bytes(OptionCode.VENDOR_SPECIFIC, 6, 1, 8, 255);
  }
}
