package io.kindling.appliance.power;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// What ipmitool 1.8.18 and later print, read. Pure.
final class IpmitoolOutput {
  private static final Pattern POWER = Pattern.compile("(?m)^Chassis Power is (on|off)\\s*$");
  private static final Pattern FORCE_PXE =
      Pattern.compile("(?m)^\\s*- Boot Device Selector : Force PXE\\s*$");

  /// What `-v` adds of its own and every run prints.
  private static final Pattern NOISE =
      Pattern.compile(
          "Loading IANA|Running Get |Discovered IPMB|Unable to Get Channel Cipher|"
              + "HPM\\.x Capabilities|Invalid completion code|^\\s*$");

  private IpmitoolOutput() {}

  /// `chassis power status`.
  static Optional<Bmc.State> power(String out) {
    var m = POWER.matcher(out);
    return m.find()
        ? Optional.of(m.group(1).equals("on") ? Bmc.State.ON : Bmc.State.OFF)
        : Optional.empty();
  }

  /// `chassis bootparam get 5`: whether the next boot is over the network.
  static boolean networkNext(String out) {
    return FORCE_PXE.matcher(out).find();
  }

  /// The failure that such an end means.
  ///
  /// With a wrong password ipmitool says only that there was no session; the RAKP messages before
  /// it, printed with `-v`, tell it from a BMC that does not answer.
  static PowerException failure(Program.Ended ended, String what) {
    List<String> lines =
        (ended.out() + "\n" + ended.err())
            .lines()
            .filter(line -> !NOISE.matcher(line).find())
            .map(String::strip)
            .toList();
    String text = String.join("\n", lines).toLowerCase(Locale.ROOT);
    String detail = what + ": " + last(lines);
    if (ended.status() == -1) {
      return PowerException.passing(PowerError.UNREACHABLE, what + ": no end in time", null);
    }
    if (text.contains("hmac is invalid")
        || text.contains("unauthorized name")
        || text.contains("password invalid")
        || text.contains("invalid user name")
        || text.contains("password is longer than")) {
      return new PowerException(PowerError.CREDENTIALS, detail);
    }
    if (text.contains("insufficient privilege") || text.contains("privilege level")) {
      return new PowerException(PowerError.PRIVILEGE, detail);
    }
    if (text.contains("authentication algorithm")
        || text.contains("integrity algorithm")
        || text.contains("no matching cipher suite")
        || text.contains("cipher suite id")) {
      return new PowerException(
          PowerError.UNSUPPORTED, detail + " (set another cipher suite with --cipher, 3 or 17)");
    }
    if (text.contains("unable to establish")
        || text.contains("get auth capabilities error")
        || text.contains("address lookup for")
        || text.contains("could not open socket")
        || text.contains("connection timed out")) {
      return PowerException.passing(PowerError.UNREACHABLE, detail, null);
    }
    if (text.contains("invalid command")
        || text.contains("command not supported")
        || text.contains("parameter not supported")
        || text.contains("invalid data field")
        || text.contains("parameter out of range")) {
      return new PowerException(PowerError.UNSUPPORTED, detail);
    }
    return PowerException.passing(PowerError.REFUSED, detail, null); // node busy, time-out, …
  }

  /// What it ended with; "no session" says little without the line before it.
  private static String last(List<String> lines) {
    if (lines.isEmpty()) {
      return "no message";
    }
    String last = lines.getLast();
    return lines.size() > 1 && last.startsWith("Error: Unable to establish")
        ? lines.get(lines.size() - 2).replaceFirst("^> ", "") + "; " + last
        : last;
  }
}
