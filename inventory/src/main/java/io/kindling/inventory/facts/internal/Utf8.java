package io.kindling.inventory.facts.internal;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/// Strict UTF-8, checked without keeping the text.
public final class Utf8 {
  private Utf8() {}

  /// The offset of the first byte that is not UTF-8, if there is one.
  public static OptionalLong firstInvalid(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(8192);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isError()) {
        return OptionalLong.of(in.position());
      }
      if (result.isUnderflow()) {
        return OptionalLong.empty();
      }
      out.clear();
    }
  }
}
