package io.kindling.pxe.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The part of a file a client wants (RFC 9110 §14). One range only: more than one is answered with
/// the whole file, as the RFC allows.
sealed interface ByteRange {
  Pattern SINGLE = Pattern.compile("bytes=\\s*([0-9]{0,18})-([0-9]{0,18})\\s*");

  record Whole() implements ByteRange {}

  record Part(long first, long length) implements ByteRange {}

  record Unsatisfiable() implements ByteRange {}

  static ByteRange of(@Nullable String header, long size) {
    Matcher matcher = SINGLE.matcher(header == null ? "" : header);
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return new Whole();
    }
    long first;
    long last = size - 1;
    if (matcher.group(1).isEmpty()) {
      long suffix = Long.parseLong(matcher.group(2));
      if (suffix == 0) {
        return new Unsatisfiable();
      }
      first = Math.max(0, size - suffix);
    } else {
      first = Long.parseLong(matcher.group(1));
      if (!matcher.group(2).isEmpty()) {
        long wanted = Long.parseLong(matcher.group(2));
        if (wanted < first) {
          return new Whole(); // not a valid range: ignored
        }
        last = Math.min(last, wanted);
      }
    }
    return first >= size ? new Unsatisfiable() : new Part(first, last - first + 1);
  }
}
