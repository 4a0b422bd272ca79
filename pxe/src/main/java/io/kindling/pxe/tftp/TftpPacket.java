package io.kindling.pxe.tftp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// TFTP messages (RFC 1350 §5, RFC 2347). Reading never throws, whatever the bytes.
sealed interface TftpPacket {
  int RRQ = 1;
  int WRQ = 2;
  int DATA = 3;
  int ACK = 4;
  int ERROR = 5;
  int OACK = 6;

  /// @param options names in lower case, in their order
  record Read(String file, String mode, Map<String, String> options) implements TftpPacket {}

  record Write(String file) implements TftpPacket {}

  record Ack(int block) implements TftpPacket {}

  record Error(int code, String message) implements TftpPacket {}

  /// What only a server sends.
  record Other(int opcode) implements TftpPacket {}

  record Malformed(String reason) implements TftpPacket {}

  static TftpPacket decode(ByteBuffer from) {
    ByteBuffer in = from.slice();
    if (in.remaining() < 4) {
      return new Malformed("shorter than four bytes");
    }
    int opcode = Short.toUnsignedInt(in.getShort());
    return switch (opcode) {
      case RRQ, WRQ -> request(opcode, in);
      case ACK -> new Ack(Short.toUnsignedInt(in.getShort()));
      case ERROR -> {
        int code = Short.toUnsignedInt(in.getShort());
        String message = string(in);
        yield new Error(code, message == null ? "" : message);
      }
      case DATA, OACK -> new Other(opcode);
      default -> new Malformed("opcode " + opcode);
    };
  }

  private static TftpPacket request(int opcode, ByteBuffer in) {
    String file = string(in);
    String mode = string(in);
    if (file == null || mode == null) {
      return new Malformed("request without file or mode");
    }
    if (opcode == WRQ) {
      return new Write(file);
    }
    Map<String, String> options = new LinkedHashMap<>();
    while (in.hasRemaining()) {
      String name = string(in);
      String value = string(in);
      if (name == null || value == null) {
        break; // PXE ROMs pad requests; half an option is none
      }
      options.putIfAbsent(name.toLowerCase(Locale.ROOT), value);
    }
    return new Read(file, mode.toLowerCase(Locale.ROOT), options);
  }

  private static @Nullable String string(ByteBuffer in) {
    for (int end = in.position(); end < in.limit(); end++) {
      if (in.get(end) == 0) {
        byte[] bytes = new byte[end - in.position()];
        in.get(bytes).get();
        return new String(bytes, StandardCharsets.ISO_8859_1);
      }
    }
    return null;
  }

  static ByteBuffer error(TftpError error, String message) {
    byte[] text = message.getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(5 + text.length)
        .putShort((short) ERROR)
        .putShort((short) error.code())
        .put(text)
        .put((byte) 0)
        .flip();
  }

  static ByteBuffer optionAck(Map<String, String> options) {
    StringBuilder text = new StringBuilder();
    options.forEach((name, value) -> text.append(name).append('\0').append(value).append('\0'));
    byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(2 + bytes.length).putShort((short) OACK).put(bytes).flip();
  }
}
