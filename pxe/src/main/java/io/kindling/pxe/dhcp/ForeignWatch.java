package io.kindling.pxe.dhcp;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import io.kindling.pxe.dhcp.wire.OptionCode;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Looks for other DHCP servers before the first answer and goes on looking. On a network where one
/// is found before the appliance has lent an address, the appliance lends none: the network is not
/// its own. Found later, the other one is reported and machines are served on, for they may depend
/// on it. Thread-safe.
///
/// It asks by DISCOVER, which every server answers, some after a second or three of their own
/// probing; and by INFORM from its own address, which many answer at once.
public final class ForeignWatch {
  /// How long it looks before the first answer.
  static final Duration FIRST_LOOK = Duration.ofSeconds(2);

  /// Between looks where nobody was found, and while another server keeps this one silent.
  static final Duration LOOK_EVERY = Duration.ofMinutes(1);

  static final Duration LOOK_EVERY_WHILE_SILENT = Duration.ofSeconds(10);

  /// A server that has not answered so many looks is gone.
  private static final int MISSED_LOOKS = 3;

  /// Spoofed servers must not fill the memory.
  static final int MAX_SERVERS = 64;

  private static final int XID = 0x4b646c67;

  /// @param mode SERVER, or PROXY where another server is what is expected
  /// @param beside serve though there is another server
  /// @param own the appliance's address
  /// @param mac of its interface
  public record Place(DhcpMode mode, boolean beside, Inet4Address own, HardwareAddress mac) {}

  private final Place place;
  private final BiConsumer<ByteBuffer, Inet4Address> wire;
  private final BiConsumer<PxeError, String> notices;
  private final Clock clock;
  private final Map<Inet4Address, ForeignServer> servers = new LinkedHashMap<>();
  private final Instant begun;
  private Instant lookedAt = Instant.MIN;
  private boolean lent;
  private boolean silent;
  private boolean missed;

  /// @param wire sends a client's message from an address to all servers
  /// @param notices told once of what an operator must know
  public ForeignWatch(
      Place place,
      BiConsumer<ByteBuffer, Inet4Address> wire,
      BiConsumer<PxeError, String> notices,
      Clock clock) {
    this.place = place;
    this.wire = wire;
    this.notices = notices;
    this.clock = clock;
    this.begun = clock.instant();
  }

  /// Whether clients may be answered now.
  public synchronized boolean mayAnswer() {
    if (place.mode() == DhcpMode.PROXY || place.beside() || lent) {
      return true;
    }
    return servers.isEmpty() && !clock.instant().isBefore(begun.plus(FIRST_LOOK));
  }

  /// An address was lent: from here on machines depend on this server.
  public synchronized void lent() {
    lent = true;
  }

  /// Those heard of late, the oldest first.
  public synchronized List<ForeignServer> servers() {
    return List.copyOf(servers.values());
  }

  /// To be called every second or so: looks when it is time to, and forgets who is gone.
  public void tick() {
    Instant now = clock.instant();
    boolean first = now.isBefore(begun.plus(FIRST_LOOK));
    boolean look;
    synchronized (this) {
      Duration every = silent ? LOOK_EVERY_WHILE_SILENT : LOOK_EVERY;
      forget(now.minus(every.multipliedBy(MISSED_LOOKS)).minusSeconds(5));
      look = first || !lookedAt.plus(every).isAfter(now);
      if (look) {
        lookedAt = now;
      }
    }
    if (!first) {
      expected();
    }
    if (look) {
      wire.accept(question(MessageType.DISCOVER, Ipv4.ANY), Ipv4.ANY);
      wire.accept(question(MessageType.INFORM, place.own()), place.own());
    }
  }

  private synchronized void forget(Instant before) {
    for (Iterator<ForeignServer> all = servers.values().iterator(); all.hasNext(); ) {
      ForeignServer server = all.next();
      if (server.lastHeard().isBefore(before)) {
        all.remove();
        notices.accept(PxeError.FOREIGN_SERVER_GONE, text(server) + ".");
      }
    }
    if (servers.isEmpty()) {
      silent = false;
    }
  }

  /// In proxy mode machines get their addresses from the site's server: without one they get none.
  private synchronized void expected() {
    boolean missing = place.mode() == DhcpMode.PROXY && servers.isEmpty();
    if (missing && !missed && clock.instant().isAfter(begun.plus(LOOK_EVERY_WHILE_SILENT))) {
      missed = true;
      notices.accept(PxeError.NO_SITE_SERVER, "");
    } else if (!missing) {
      missed = false;
    }
  }

  private ByteBuffer question(MessageType type, Inet4Address from) {
    DhcpPacket packet =
        new DhcpPacket(
            DhcpPacket.REQUEST,
            1,
            6,
            0,
            XID,
            0,
            type == MessageType.DISCOVER ? DhcpPacket.BROADCAST_FLAG : 0,
            from,
            Ipv4.ANY,
            Ipv4.ANY,
            Ipv4.ANY,
            place.mac().bytes(),
            "",
            "",
            List.of(
                type.option(),
                Option.bytes(
                    OptionCode.PARAMETER_REQUEST_LIST,
                    OptionCode.SUBNET_MASK,
                    OptionCode.ROUTER,
                    OptionCode.DNS,
                    OptionCode.LEASE_TIME,
                    OptionCode.SERVER_ID,
                    OptionCode.TFTP_SERVER,
                    OptionCode.BOOT_FILE)));
    return DhcpCodec.encode(packet, 0).bytes();
  }

  /// Takes a server's message to whichever client.
  ///
  /// @param mac who put it on the wire
  public void heard(HardwareAddress mac, ByteBuffer payload) {
    if (!(DhcpCodec.decode(payload) instanceof Decoded.Parsed(DhcpPacket packet))
        || packet.op() != DhcpPacket.REPLY
        || mac.equals(place.mac())) {
      return; // noise, or this appliance's own words
    }
    Optional<Inet4Address> server = packet.option(OptionCode.SERVER_ID).flatMap(Option::asAddress);
    Optional<MessageType> type = packet.messageType();
    if (server.isEmpty() || type.isEmpty()) {
      return; // BOOTP
    }
    if (server.get().equals(place.own()) && !packet.giaddr().equals(Ipv4.ANY)) {
      return; // this appliance's own words through a relay
    }
    note(server.get(), mac, packet);
  }

  private synchronized void note(Inet4Address server, HardwareAddress mac, DhcpPacket packet) {
    Instant now = clock.instant();
    ForeignServer before = servers.get(server);
    if (before == null && servers.size() >= MAX_SERVERS) {
      return; // enough are shown already
    }
    Optional<Inet4Address> offered =
        Optional.of(packet.yiaddr()).filter(address -> !address.equals(Ipv4.ANY));
    Optional<String> file =
        Optional.of(packet.file())
            .filter(text -> !text.isEmpty())
            .or(() -> packet.option(OptionCode.BOOT_FILE).map(Option::asText))
            .map(ForeignWatch::printable);
    var found =
        new ForeignServer(
            server,
            mac,
            before == null ? offered : offered.or(before::offered),
            before == null ? file : file.or(before::bootFile),
            before == null ? now : before.firstHeard(),
            now);
    servers.put(server, found);
    boolean named = before == null || (before.offered().isEmpty() && offered.isPresent());
    if (place.mode() == DhcpMode.PROXY) {
      if (before == null) {
        notices.accept(PxeError.SITE_SERVER_FOUND, text(found) + ".");
      }
      if (file.isPresent() && (before == null || before.bootFile().isEmpty())) {
        notices.accept(PxeError.SITE_SERVER_BOOTS, text(found) + ".");
      }
    } else if (named) {
      silent = !lent && !place.beside();
      notices.accept(
          silent ? PxeError.FOREIGN_SERVER_SILENCES : PxeError.FOREIGN_SERVER, text(found) + ".");
    }
  }

  /// One with this appliance's address is what it took the place of, and must go first.
  private String text(ForeignServer server) {
    return server.text()
        + (server.address().equals(place.own())
            ? ", which has this appliance's own address: the one that it was restored from?"
            : "");
  }

  /// Text from the wire, for logs and events.
  private static String printable(String text) {
    String cut = text.length() > 64 ? text.substring(0, 64) + "…" : text;
    return cut.replaceAll("[^\\x20-\\x7e…]", "?");
  }

  /// For `status`: in words why nobody is answered; empty where machines are.
  public synchronized Optional<String> silence() {
    if (mayAnswer()) {
      return Optional.empty();
    }
    List<String> reasons = new ArrayList<>();
    servers.values().forEach(server -> reasons.add("another DHCP server is " + text(server)));
    return Optional.of(
        reasons.isEmpty() ? "looking for other DHCP servers" : String.join("; ", reasons));
  }
}
