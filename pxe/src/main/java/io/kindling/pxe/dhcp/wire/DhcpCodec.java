package io.kindling.pxe.dhcp.wire;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `ByteBuffer ↔ DhcpPacket` (RFC 2131 §2, RFC 2132, RFC 3396). Pure functions.
public final class DhcpCodec {
  /// Below this some clients and relays drop a message (RFC 951: a BOOTP message has 300 bytes).
  public static final int MIN_LENGTH = 300;

  /// What every client accepts: a datagram of 576 bytes, less IP and UDP headers (RFC 2131 §2).
  public static final int DEFAULT_MAX_LENGTH = 576 - 28;

  /// An Ethernet frame's room: replies are never fragmented.
  public static final int MAX_LENGTH = 1500 - 28;

  private static final int MAGIC_COOKIE = 0x63825363;
  private static final int SNAME_AT = 44;
  private static final int FILE_AT = 108;
  private static final int COOKIE_AT = 236;
  private static final int OPTIONS_AT = 240;
  private static final int MAX_PART = 255;
  private static final int OVERLOAD_ROOM = 3;

  /// Of message type, server identifier and the three times.
  private static final int HEAD_ROOM = 27;

  private DhcpCodec() {}

  /// Bytes of a message, and the options for which there was no room.
  public record Encoded(ByteBuffer bytes, List<Option> leftOut) {}

  /// Reads one message from the buffer's position to its limit; the buffer is left as it was.
  public static Decoded decode(ByteBuffer from) {
    ByteBuffer in = from.slice();
    if (in.limit() < OPTIONS_AT) {
      return new Decoded.Malformed("shorter than a DHCP header", in.limit());
    }
    int hlen = Byte.toUnsignedInt(in.get(2));
    if (hlen > 16) {
      return new Decoded.Malformed("hlen above 16", 2);
    }
    int cookie = in.getInt(COOKIE_AT);
    // RFC 951 §3: a BOOTP client that uses no vendor extensions leaves their area zero.
    boolean noOptions = cookie == 0 && in.limit() >= MIN_LENGTH;
    if (cookie != MAGIC_COOKIE && !noOptions) {
      return new Decoded.Malformed("no DHCP magic cookie", COOKIE_AT);
    }
    Map<Integer, ByteArrayOutputStream> joined = new LinkedHashMap<>();
    Decoded.Malformed fault = noOptions ? null : readOptions(in, OPTIONS_AT, in.limit(), joined);
    // RFC 2131 §4.1: the options field first, then `file`, then `sname`.
    int overload = fault == null ? overload(joined) : 0;
    if (fault == null && (overload & 1) != 0) {
      fault = readOptions(in, FILE_AT, COOKIE_AT, joined);
    }
    if (fault == null && (overload & 2) != 0) {
      fault = readOptions(in, SNAME_AT, FILE_AT, joined);
    }
    if (fault != null) {
      return fault;
    }
    List<Option> options = new ArrayList<>(joined.size());
    joined.forEach((code, value) -> options.add(new Option(code, value.toByteArray())));
    return new Decoded.Parsed(
        new DhcpPacket(
            Byte.toUnsignedInt(in.get(0)),
            Byte.toUnsignedInt(in.get(1)),
            hlen,
            Byte.toUnsignedInt(in.get(3)),
            in.getInt(4),
            Short.toUnsignedInt(in.getShort(8)),
            Short.toUnsignedInt(in.getShort(10)),
            Ipv4.of(in.getInt(12)),
            Ipv4.of(in.getInt(16)),
            Ipv4.of(in.getInt(20)),
            Ipv4.of(in.getInt(24)),
            bytes(in, 28, hlen),
            (overload & 2) != 0 ? "" : text(in, SNAME_AT, FILE_AT),
            (overload & 1) != 0 ? "" : text(in, FILE_AT, COOKIE_AT),
            options));
  }

  private static Decoded.@Nullable Malformed readOptions(
      ByteBuffer in, int start, int end, Map<Integer, ByteArrayOutputStream> joined) {
    int at = start;
    while (at < end) {
      int code = Byte.toUnsignedInt(in.get(at));
      if (code == OptionCode.END) {
        return null;
      }
      if (code == OptionCode.PAD) {
        at++;
        continue;
      }
      if (at + 1 >= end) {
        return new Decoded.Malformed("option " + code + " without a length", at);
      }
      int length = Byte.toUnsignedInt(in.get(at + 1));
      if (at + 2 + length > end) {
        return new Decoded.Malformed("option " + code + " runs past its field", at);
      }
      joined
          .computeIfAbsent(code, unused -> new ByteArrayOutputStream())
          .writeBytes(bytes(in, at + 2, length));
      at += 2 + length;
    }
    // No END: some clients fill the field to its last byte.
    return null;
  }

  private static int overload(Map<Integer, ByteArrayOutputStream> joined) {
    ByteArrayOutputStream value = joined.remove(OptionCode.OVERLOAD);
    return value != null && value.size() == 1 ? value.toByteArray()[0] & 3 : 0;
  }

  private static byte[] bytes(ByteBuffer in, int from, int length) {
    byte[] bytes = new byte[length];
    in.get(from, bytes);
    return bytes;
  }

  private static String text(ByteBuffer in, int from, int end) {
    int stop = from;
    while (stop < end && in.get(stop) != 0) {
      stop++;
    }
    return new String(bytes(in, from, stop - from), StandardCharsets.ISO_8859_1);
  }

  /// Writes a message of at most `maxLength` bytes; 0 is what every client takes, and no more than
  /// an Ethernet frame. Option 53 comes first, 82 last (RFC 3046 §2.2), long values are split (RFC
  /// 3396). What has no room in the options field goes to `file` and `sname` where these are free
  /// (option 52, RFC 2131 §4.1); what has none there either is left out, later ones first to go.
  public static Encoded encode(DhcpPacket packet, int maxLength) {
    int limit = maxLength <= 0 ? DEFAULT_MAX_LENGTH : Math.clamp(maxLength, MIN_LENGTH, MAX_LENGTH);
    List<Option> relay = only(packet.options(), OptionCode.RELAY_AGENT);
    List<Option> first = new ArrayList<>(only(packet.options(), OptionCode.MESSAGE_TYPE));
    boolean mayOverload = !first.isEmpty(); // option 52 is DHCP's, not BOOTP's
    for (Option option : packet.options()) {
      if (option.code() != OptionCode.MESSAGE_TYPE && option.code() != OptionCode.RELAY_AGENT) {
        first.add(option);
      }
    }
    int room = limit - OPTIONS_AT - 1;
    List<Option> placed = new ArrayList<>();
    List<Option> over = new ArrayList<>();
    int relayRoom = relay.stream().mapToInt(DhcpCodec::room).sum();
    // A message must say what it is before it says what a relay sent.
    List<Option> last = relayRoom <= room - HEAD_ROOM ? relay : List.of();
    int lastRoom = last.isEmpty() ? 0 : relayRoom;
    place(first, room - lastRoom, placed, over);
    ByteBuffer out = ByteBuffer.allocate(limit);
    byte[] file = field(packet.file(), COOKIE_AT - FILE_AT);
    byte[] sname = field(packet.sname(), FILE_AT - SNAME_AT);
    if (!over.isEmpty() && mayOverload && (packet.file().isEmpty() || packet.sname().isEmpty())) {
      placed.clear();
      over.clear();
      place(first, room - lastRoom - OVERLOAD_ROOM, placed, over);
      int fields = 0;
      if (packet.file().isEmpty() && fill(over, file)) {
        fields |= 1;
      }
      if (packet.sname().isEmpty() && fill(over, sname)) {
        fields |= 2;
      }
      if (fields != 0) {
        placed.add(1, Option.bytes(OptionCode.OVERLOAD, fields));
      }
    }
    header(packet, sname, file, out);
    placed.forEach(option -> write(option, out));
    last.forEach(option -> write(option, out));
    List<Option> leftOut = new ArrayList<>(over);
    if (last.isEmpty()) {
      leftOut.addAll(relay);
    }
    out.put((byte) OptionCode.END);
    if (out.position() < MIN_LENGTH) {
      out.position(MIN_LENGTH);
    }
    return new Encoded(out.flip(), List.copyOf(leftOut));
  }

  private static void header(DhcpPacket packet, byte[] sname, byte[] file, ByteBuffer out) {
    out.put((byte) packet.op()).put((byte) packet.htype());
    out.put((byte) packet.hlen()).put((byte) packet.hops());
    out.putInt(packet.xid());
    out.putShort((short) packet.secs()).putShort((short) packet.flags());
    for (Inet4Address address :
        List.of(packet.ciaddr(), packet.yiaddr(), packet.siaddr(), packet.giaddr())) {
      out.put(address.getAddress());
    }
    out.put(Arrays.copyOf(packet.chaddr(), 16));
    out.put(sname);
    out.put(file);
    out.putInt(MAGIC_COOKIE);
  }

  /// Those that fit, in their order; the others are `over`.
  private static void place(
      List<Option> options, int room, List<Option> placed, List<Option> over) {
    int left = room;
    for (Option option : options) {
      if (room(option) <= left) {
        left -= room(option);
        placed.add(option);
      } else {
        over.add(option);
      }
    }
  }

  /// Moves what fits to a field; whether anything did.
  private static boolean fill(List<Option> over, byte[] field) {
    List<Option> here = new ArrayList<>();
    List<Option> left = new ArrayList<>();
    place(over, field.length - 1, here, left);
    ByteBuffer out = ByteBuffer.wrap(field);
    here.forEach(option -> write(option, out));
    if (!here.isEmpty()) {
      out.put((byte) OptionCode.END);
    }
    over.clear();
    over.addAll(left);
    return !here.isEmpty();
  }

  private static List<Option> only(List<Option> options, int code) {
    return options.stream().filter(option -> option.code() == code).toList();
  }

  private static int room(Option option) {
    int parts = Math.max(1, (option.length() + MAX_PART - 1) / MAX_PART);
    return option.length() + 2 * parts;
  }

  private static void write(Option option, ByteBuffer out) {
    int from = 0;
    do {
      int length = Math.min(MAX_PART, option.length() - from);
      option.writePart(out, from, length);
      from += length;
    } while (from < option.length());
  }

  private static byte[] field(String text, int size) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    // The last byte stays NUL: firmware reads C strings.
    return Arrays.copyOf(Arrays.copyOf(bytes, Math.min(bytes.length, size - 1)), size);
  }
}
