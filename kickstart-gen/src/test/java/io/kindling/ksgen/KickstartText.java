package io.kindling.ksgen;

import io.kindling.ksgen.kickstart.Kickstart;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Parts of a kickstart's text.
final class KickstartText {

  private KickstartText() {}

  /// The body of a section.
  static String section(String kickstart, String name) {
    Matcher found =
        Pattern.compile("(?ms)^" + name + "( [^\\n]*)?\\n(.*?)^%end$").matcher(kickstart);
    if (!found.find()) {
      throw new AssertionError("no section " + name);
    }
    return found.group(2);
  }

  /// With the included part in its place.
  static String expanded(String kickstart, String include) {
    String line = "%include " + Kickstart.INCLUDE + "\n";
    if (!kickstart.contains("\n" + line)) {
      throw new AssertionError("nothing is included");
    }
    return kickstart.replace(line, include);
  }
}
