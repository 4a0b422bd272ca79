package io.kindling.pxe.dhcp;

import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Where a reply says what to boot: in its fixed fields and, once more, in options 66 and 67; some
/// firmware reads only these, some only those.
record BootFields(Inet4Address siaddr, String file, List<Option> options) {
  private static final BootFields NONE = new BootFields(Ipv4.ANY, "", List.of());

  static BootFields of(Boot boot, DhcpRequest request, Inet4Address server) {
    if (!(boot instanceof Boot.From(Loaders.Loader loader))) {
      return NONE;
    }
    String host = server.getHostAddress();
    List<Option> options = new ArrayList<>();
    return switch (loader) {
      case Loaders.Loader.Tftp(String file, boolean endsDiscovery) -> {
        options.add(Quirks.cString(OptionCode.BOOT_FILE, file));
        options.add(Quirks.cString(OptionCode.TFTP_SERVER, host));
        if (endsDiscovery) {
          options.add(Option.text(OptionCode.VENDOR_CLASS, "PXEClient"));
          options.add(Quirks.noBootServerDiscovery());
        }
        addTftpServers(request, server, options);
        yield new BootFields(server, file, options);
      }
      case Loaders.Loader.Http(String url, String vendorClass) -> {
        options.add(Option.text(OptionCode.BOOT_FILE, url));
        options.add(Option.text(OptionCode.TFTP_SERVER, host));
        if (!vendorClass.isEmpty()) {
          options.add(Option.text(OptionCode.VENDOR_CLASS, vendorClass));
        }
        yield new BootFields(server, fits(url) ? url : "", options);
      }
      case Loaders.Loader.None unused -> NONE;
      case Loaders.Loader.Unsupported unused -> NONE;
    };
  }

  /// RFC 5859 §3: only for those who ask.
  private static void addTftpServers(
      DhcpRequest request, Inet4Address server, List<Option> options) {
    if (request.asksFor(OptionCode.TFTP_SERVER_ADDRESS)) {
      options.add(Option.address(OptionCode.TFTP_SERVER_ADDRESS, server));
    }
  }

  /// The field has 128 bytes, the last one NUL.
  private static boolean fits(String file) {
    return file.getBytes(StandardCharsets.ISO_8859_1).length < 128;
  }
}
