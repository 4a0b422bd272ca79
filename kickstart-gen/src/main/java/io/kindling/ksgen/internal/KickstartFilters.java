package io.kindling.ksgen.internal;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The filters between values and a kickstart. Its parser (pykickstart) is Python's: it splits the
/// text at everything `str.splitlines` takes for the end of a line, also within a script, and a
/// piece that begins with `%end` or another section's name ends the script.
public final class KickstartFilters {

  /// Needs no quotes for Python's shlex.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9@^._+:*-]+");

  private KickstartFilters() {}

  static List<Filter> all() {
    return List.of(
        of("ksq", KickstartFilters::quote),
        of("word", KickstartFilters::word),
        of("embed", KickstartFilters::embed),
        of("section", KickstartFilters::section));
  }

  /// One word of a kickstart command, whatever the text holds.
  public static String quote(String text) {
    if (text.indexOf('\n') >= 0 || !isText(text)) {
      throw new IllegalArgumentException(
          "a kickstart's line cannot hold this: " + Plain.text(text));
    }
    return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  /// A line of `%packages`, where there are no quotes.
  private static String word(String text) {
    if (!WORD.matcher(text).matches()) {
      throw new IllegalArgumentException("not a package: " + Plain.text(text));
    }
    return text;
  }

  /// Text for a here-document in a section: every line behind a bar, so that none begins a section
  /// or ends the document.
  private static String embed(String text) {
    if (!isText(text)) {
      throw new IllegalArgumentException("a script of a kickstart cannot hold a control character");
    }
    String lines = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    return "|" + lines.replace("\n", "\n|");
  }

  /// A script of our own as a section's body.
  private static String section(String text) {
    if (!isText(text) || beginsSection(text)) {
      throw new IllegalArgumentException("a value would end a kickstart's section");
    }
    return text.stripTrailing();
  }

  /// True where Python splits it at newlines only, and no line holds control characters. Loops, not
  /// patterns: a kickstart's scripts are some 60 KiB.
  private static boolean isText(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = c >= ' ' && c < 0x7f || c == '\n' || c == '\t';
      if (!plain && (c < 0xa0 || c == '\u2028' || c == '\u2029')) {
        return false;
      }
    }
    return true;
  }

  /// True where a line begins, behind blanks, with a percent sign.
  private static boolean beginsSection(String text) {
    boolean atBegin = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (atBegin && c == '%') {
        return true;
      }
      atBegin = c == '\n' || atBegin && Character.isWhitespace(c);
    }
    return false;
  }

  private static Filter of(String name, UnaryOperator<String> change) {
    return new Filter() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public Object filter(@Nullable Object value, JinjavaInterpreter interpreter, String... args) {
        if (value == null) {
          throw new IllegalArgumentException("a kickstart's value is absent");
        }
        return change.apply(value.toString());
      }
    };
  }
}
