package io.kindling.appliance.power;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.http.Problem;
import io.kindling.appliance.power.BmcAccess.Kind;
import io.kindling.appliance.power.BmcAccess.Privilege;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads what an operator says of a BMC; what it cannot be is refused with the reason. Pure.
public final class AccessReader {
  private static final Set<String> KEYS =
      Set.of(
          "kind",
          "address",
          "user",
          "password",
          "cipher",
          "privilege",
          "system",
          "fingerprint",
          "ca");

  /// IPMI 2.0 §22.30: what fits into a message.
  private static final int IPMI_PASSWORD = 20;

  private static final int IPMI_USER = 16;
  private static final int LONGEST = 255;
  private static final int HIGHEST_CIPHER = 17;
  private static final Pattern PRINTABLE = Pattern.compile("[!-~]([ -~]*[!-~])?");
  private static final Pattern SYSTEM = Pattern.compile("[!-~]{1,255}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private AccessReader() {}

  /// @throws Problem APP-015
  public static BmcAccess read(JsonNode body) {
    for (String key : body.propertyNames()) {
      if (!KEYS.contains(key)) {
        throw wrong("unknown key `" + key + "`; known: " + String.join(", ", new TreeSet<>(KEYS)));
      }
    }
    Kind kind = word(Kind.class, text(body, "kind").orElse(""), "kind");
    boolean ipmi = kind == Kind.IPMI;
    Optional<String> address = text(body, "address");
    if (address.isPresent()
        && Endpoint.parse(address.get(), Endpoint.HTTPS)
            .filter(e -> !ipmi || !address.get().startsWith("https:"))
            .isEmpty()) {
      throw wrong("`address` is a host or an address, with or without :PORT: " + address.get());
    }
    String user =
        text(body, "user")
            .filter(
                u -> PRINTABLE.matcher(u).matches() && u.length() <= (ipmi ? IPMI_USER : LONGEST))
            .orElseThrow(() ->
                wrong(
                    "`user` is one to " + (ipmi ? IPMI_USER : LONGEST) + " printable characters"));
    String password = text(body, "password").orElse("");
    if (password.isEmpty()
        || password.length() > (ipmi ? IPMI_PASSWORD : LONGEST)
        || password.chars().anyMatch(c -> c < ' ' || c == 0x7f || (ipmi && c > '~'))) {
      throw wrong(
          "the password is one to "
              + (ipmi ? IPMI_PASSWORD : LONGEST)
              + " characters"
              + (ipmi ? ", as IPMI takes them" : ""));
    }
    only(body, "cipher", ipmi);
    only(body, "privilege", ipmi);
    only(body, "system", !ipmi);
    only(body, "fingerprint", !ipmi);
    only(body, "ca", !ipmi);
    return new BmcAccess(
        kind,
        address.orElse(null),
        user,
        password,
        cipher(body),
        word(Privilege.class, text(body, "privilege").orElse("operator"), "privilege"),
        text(body, "system").map(AccessReader::system).orElse(null),
        text(body, "fingerprint").map(AccessReader::fingerprint).orElse(null),
        text(body, "ca").map(AccessReader::authority).orElse(null));
  }

  private static @Nullable Integer cipher(JsonNode body) {
    JsonNode cipher = body.path("cipher");
    if (cipher.isMissingNode() || cipher.isNull()) {
      return null;
    }
    if (!cipher.isInt() || cipher.asInt() < 1 || cipher.asInt() > HIGHEST_CIPHER) {
      throw wrong("`cipher` is a number from 1 to " + HIGHEST_CIPHER);
    }
    return cipher.asInt();
  }

  private static String system(String text) {
    if (!SYSTEM.matcher(text).matches()) {
      throw wrong("`system` is a system's id");
    }
    return text;
  }

  /// With or without colons and the name of the digest before it.
  static String fingerprint(String text) {
    String plain =
        text.toLowerCase(Locale.ROOT)
            .replaceFirst("^sha-?256( fingerprint)?[ :=]*", "")
            .replaceAll("[: ]", "");
    if (!SHA256.matcher(plain).matches()) {
      throw wrong("`fingerprint` is the certificate's SHA-256, 64 hexadecimal digits");
    }
    return plain;
  }

  private static String authority(String pem) {
    try {
      Trust.certificates(pem);
      return pem;
    } catch (CertificateException e) {
      throw wrong("`ca` is no certificate in PEM: " + e.getMessage());
    }
  }

  private static void only(JsonNode body, String key, boolean may) {
    if (!may && text(body, key).isPresent()) {
      throw wrong("`" + key + "` is not for " + text(body, "kind").orElse(""));
    }
  }

  private static Optional<String> text(JsonNode body, String key) {
    JsonNode value = body.path(key);
    return value.isNull() || value.isMissingNode()
        ? Optional.empty()
        : Optional.of(value.asString("")).filter(text -> !text.isEmpty());
  }

  private static <E extends Enum<E>> E word(Class<E> type, String text, String key) {
    for (E one : type.getEnumConstants()) {
      if (one.name().toLowerCase(Locale.ROOT).equals(text)) {
        return one;
      }
    }
    var known = new TreeSet<String>();
    for (E one : type.getEnumConstants()) {
      known.add(one.name().toLowerCase(Locale.ROOT));
    }
    throw wrong("`" + key + "` is one of " + String.join(", ", known));
  }

  private static Problem wrong(String detail) {
    return new Problem(400, ApplianceError.BAD_REQUEST, detail);
  }
}
