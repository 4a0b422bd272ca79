package io.kindling.appliance.console;

/// Makes characters visible that could steer a terminal or hide what a text says: controls, bidi
/// overrides and other format characters, lone surrogates, line separators. Thread-safe.
///
/// Everything that a machine or an operator wrote passes one of these before it is printed or
/// shown.
public final class Visible {

  private Visible() {}

  /// One line: `\x1b`, `\x0a`, `U+202E` in braces stand for what cannot be seen.
  public static String line(String text) {
    return filter(text, false);
  }

  /// Several lines: line feeds and tabs stay, and a carriage return before a line feed goes.
  public static String lines(String text) {
    return filter(text.replace("\r\n", "\n"), true);
  }

  /// JSON text: what cannot be seen becomes an escape, which says the same in JSON's strings, the
  /// only place of a JSON text where such characters can stand.
  public static String json(String json) {
    var safe = new StringBuilder(json.length());
    for (int i = 0; i < json.length(); ) {
      int c = json.codePointAt(i);
      int length = Character.charCount(c);
      if (c == '\n' || c == '\t' || c == '\r' || !hidden(c)) {
        safe.appendCodePoint(c);
      } else {
        for (int unit = i; unit < i + length; unit++) {
          safe.append(String.format("\\u%04x", (int) json.charAt(unit)));
        }
      }
      i += length;
    }
    return safe.toString();
  }

  private static String filter(String text, boolean keepLines) {
    var safe = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (keepLines && (c == '\n' || c == '\t') || !hidden(c)) {
            safe.appendCodePoint(c);
          } else if (c < 0x100) {
            safe.append(String.format("\\x%02x", c));
          } else {
            safe.append(String.format("\\u{%x}", c));
          }
        });
    return safe.toString();
  }

  private static boolean hidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
