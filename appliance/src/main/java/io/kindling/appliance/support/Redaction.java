package io.kindling.appliance.support;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Takes secrets out of text: those that are known, and what looks like one. Immutable.
final class Redaction {

  /// A shorter word would hide innocent text.
  private static final int SHORTEST = 8;

  private static final String MASK = "[secret]";

  /// A cephx key (Ceph src/auth/Crypto.cc): 28 bytes in base64, the first two a type of 1.
  private static final Pattern CEPHX = Pattern.compile("AQ[A-Za-z0-9+/]{36}==");

  private static final Pattern PRIVATE_KEY =
      Pattern.compile(
          "-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?(-----END \\1-----|\\z)", Pattern.DOTALL);

  /// `password = x`, `"secret_key": "x"`, `Authorization: Bearer x`.
  private static final Pattern NAMED =
      Pattern.compile(
          "(?i)((?:password|passwd|secret|secret_key|access_key|token|authorization)\"?[ \\t]*[:=]"
              + "[ \\t]*\"?(?:bearer |basic )?)([^\\s\",;}]+)");

  /// API tokens and one-time links of our own.
  private static final Pattern OURS = Pattern.compile("(kindling_|[?&]link=)[A-Za-z0-9_-]{43}");

  private final List<String> words;

  /// @param known secrets; those of fewer than eight characters are left out
  Redaction(Stream<String> known) {
    words =
        known
            .map(String::strip)
            .filter(word -> word.length() >= SHORTEST)
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed()) // the longest first
            .toList();
  }

  String of(String text) {
    String clean = text;
    for (String word : words) {
      clean = clean.replace(word, MASK);
    }
    clean = PRIVATE_KEY.matcher(clean).replaceAll(MASK);
    clean = CEPHX.matcher(clean).replaceAll(MASK);
    clean = OURS.matcher(clean).replaceAll("$1" + MASK);
    return NAMED.matcher(clean).replaceAll("$1" + MASK);
  }
}
