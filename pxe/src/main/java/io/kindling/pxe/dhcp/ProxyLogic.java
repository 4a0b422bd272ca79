package io.kindling.pxe.dhcp;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.dhcp.Decision.Destination;
import io.kindling.pxe.dhcp.Decision.Reply;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/// What a proxyDHCP server does (PXE 2.1 §2.2): beside a site's own server that lends the addresses
/// it says what to boot, to clients that say they netboot, and nothing to anybody else. Pure but
/// for the errors it tells.
///
/// BIOS ROMs and iPXE take the boot file out of the offer on port 67, because it says so (option 43
/// discovery control). UEFI gets an offer without option 43 and asks port 4011, which is what EDK2
/// does with every such offer; an offer with option 43 it takes for one of a server with a menu.
final class ProxyLogic {
  /// The item of a boot menu that a client chose (PXE 2.1 §2.2.3, option 43 tag 71).
  private static final int BOOT_ITEM = 71;

  private static final int END = 255;

  private final Loaders loaders;
  private final BiConsumer<PxeError, String> errors;

  ProxyLogic(Loaders loaders, BiConsumer<PxeError, String> errors) {
    this.loaders = loaders;
    this.errors = errors;
  }

  /// Of a message to port 67.
  Decision offer(DhcpRequest request, BootAnswer answer, DhcpConfig config) {
    if (request.type() != MessageType.DISCOVER || request.bootp()) {
      // The REQUEST is the site's server's: answering it would refuse its offer.
      return new Decision.Ignore("not for a proxy");
    }
    return reply(MessageType.OFFER, PxeCounter.PROXY_OFFERS, request, answer, config);
  }

  /// Of a message to port 4011, where the client asks with the address it was lent.
  Decision bootService(DhcpRequest request, BootAnswer answer, DhcpConfig config) {
    if (request.bootp()
        || (request.type() != MessageType.REQUEST && request.type() != MessageType.INFORM)) {
      return new Decision.Ignore("not for a boot server");
    }
    return reply(MessageType.ACK, PxeCounter.PROXY_ACKS, request, answer, config);
  }

  private Decision reply(
      MessageType type,
      PxeCounter counter,
      DhcpRequest request,
      BootAnswer answer,
      DhcpConfig config) {
    if (answer instanceof BootAnswer.Silence || answer instanceof BootAnswer.FirmwareNext) {
      return new Decision.Ignore("this machine is not to netboot");
    }
    Loaders.Loader loader = loaders.of(request, config.httpBase());
    if (loader instanceof Loaders.Loader.Unsupported(int architecture)) {
      errors.accept(
          PxeError.UNSUPPORTED_ARCHITECTURE,
          "Machine " + request.mac() + ", client architecture " + architecture + ".");
      return new Decision.Ignore("no loader for this machine");
    }
    if (loader instanceof Loaders.Loader.None) {
      return new Decision.Ignore("a client that does not netboot");
    }
    BootFields boot = BootFields.of(new Boot.From(loader), request, config.serverAddress());
    List<Option> options = new ArrayList<>();
    options.add(type.option());
    options.add(Option.address(OptionCode.SERVER_ID, config.serverAddress()));
    // A client takes an offer without an address for a proxy's by this option alone.
    options.add(
        Option.text(
            OptionCode.VENDOR_CLASS,
            request.kind() == ClientKind.HTTP ? "HTTPClient" : "PXEClient"));
    if (type == MessageType.ACK) {
      chosenItem(request).ifPresent(options::add);
    } else if (!Loaders.isUefi(request)) {
      options.add(Quirks.noBootServerDiscovery());
    }
    for (Option option : boot.options()) {
      if (option.code() != OptionCode.VENDOR_CLASS && option.code() != OptionCode.VENDOR_SPECIFIC) {
        options.add(option);
      }
    }
    options.addAll(request.echoed());
    DhcpPacket packet =
        Replies.packet(
            request,
            request.packet().flags(),
            type == MessageType.ACK ? request.clientAddress() : Ipv4.ANY,
            Ipv4.ANY,
            boot.siaddr(),
            boot.file(),
            options);
    return new Decision.Send(
        new Reply(
            packet,
            request.maxLength(),
            Destination.of(request, packet),
            request.mac(),
            counter,
            "proxy " + type + ", " + boot.file()));
  }

  /// A boot server's ACK names the item that was asked for.
  private static Optional<Option> chosenItem(DhcpRequest request) {
    byte[] value =
        request.packet().option(OptionCode.VENDOR_SPECIFIC).map(Option::value).orElse(new byte[0]);
    int at = 0;
    while (at + 2 <= value.length && Byte.toUnsignedInt(value[at]) != END) {
      if (value[at] == 0) {
        at++; // padding
        continue;
      }
      int length = Byte.toUnsignedInt(value[at + 1]);
      if (value[at] == BOOT_ITEM && length == 4 && at + 6 <= value.length) {
        return Optional.of(
            Option.bytes(
                OptionCode.VENDOR_SPECIFIC,
                BOOT_ITEM,
                4,
                value[at + 2],
                value[at + 3],
                value[at + 4],
                value[at + 5],
                END));
      }
      at += 2 + length;
    }
    return Optional.empty();
  }
}
