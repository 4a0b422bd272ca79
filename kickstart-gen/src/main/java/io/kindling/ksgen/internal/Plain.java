package io.kindling.ksgen.internal;

/// Text of unknown origin for a terminal: control, format (bidi, zero width) and private characters
/// become an escape with their code point, and it is cut at a limit.
public final class Plain {

  private static final int MAX = 100;

  private Plain() {}

  public static String text(String text) {
    var plain = new StringBuilder();
    int[] points = text.codePoints().limit(MAX + 1L).toArray();
    for (int i = 0; i < Math.min(MAX, points.length); i++) {
      int point = points[i];
      switch (Character.getType(point)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.PRIVATE_USE,
            Character.SURROGATE,
            Character.UNASSIGNED,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            plain.append("\\u{%x}".formatted(point));
        default -> plain.appendCodePoint(point);
      }
    }
    return points.length > MAX ? plain.append("…").toString() : plain.toString();
  }
}
