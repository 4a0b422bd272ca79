package io.kindling.pxe.tftp;

import java.util.LinkedHashMap;
import java.util.Map;

/// What client and server agree on (RFC 2347): unknown and senseless options are passed over.
///
/// @param timeoutSeconds 0 where the client left it to the server
/// @param accepted what the OACK says, empty where there is none to send
/// @param asksSize the client wants to know the size: it may leave again with an error
record Negotiation(
    int blockSize, int window, int timeoutSeconds, boolean asksSize, Map<String, String> accepted) {

  static final int DEFAULT_BLOCK_SIZE = 512;

  static Negotiation of(Map<String, String> options, long size, TftpConfig config) {
    int blockSize = DEFAULT_BLOCK_SIZE;
    int window = 1;
    int timeout = 0;
    boolean asksSize = false;
    Map<String, String> accepted = new LinkedHashMap<>();
    for (Map.Entry<String, String> option : options.entrySet()) {
      String name = option.getKey();
      long value = number(option.getValue());
      switch (name) {
        case "blksize" -> {
          // RFC 2348: the server may answer with less, never with more.
          if (value >= 8 && value <= 65464) {
            blockSize = (int) Math.min(value, config.maxBlockSize());
            accepted.put(name, Integer.toString(blockSize));
          }
        }
        case "tsize" -> {
          if (value >= 0) {
            asksSize = true;
            accepted.put(name, Long.toString(size));
          }
        }
        case "timeout" -> {
          if (value >= 1 && value <= 255) {
            timeout = (int) value;
            accepted.put(name, option.getValue());
          }
        }
        case "windowsize" -> {
          if (value >= 1 && value <= 65535) {
            window = (int) Math.min(value, config.maxWindow());
            accepted.put(name, Integer.toString(window));
          }
        }
        default -> {} // RFC 2347: options the server does not know are left out of the OACK
      }
    }
    return new Negotiation(blockSize, window, timeout, asksSize, accepted);
  }

  private static long number(String text) {
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
  }
}
