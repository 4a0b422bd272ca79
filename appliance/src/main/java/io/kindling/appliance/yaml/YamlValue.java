package io.kindling.appliance.yaml;

import io.kindling.appliance.net.AddressRange;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.net.Cidr;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// A value of a YAML file that knows its line; each method reads it as one type or complains.
public final class YamlValue {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})\\s*(ms|s|m|h|d)");

  private final String file;
  private final Node node;
  private final int line;

  YamlValue(String file, Node node, int line) {
    this.file = file;
    this.node = node;
    this.line = line;
  }

  boolean isNull() {
    return node instanceof ScalarNode s
        && s.isPlain()
        && (s.getValue().isEmpty() || s.getValue().equals("null") || s.getValue().equals("~"));
  }

  public boolean isMap() {
    return node instanceof MappingNode;
  }

  public boolean isList() {
    return node instanceof SequenceNode;
  }

  public int line() {
    return line;
  }

  /// Maps, lists, text, numbers and booleans; quoted text stays text.
  ///
  /// @param depth how deep this value may go on; an alias can make a value hold itself
  Object plain(int depth) {
    if (depth == 0) {
      throw wrong("values are nested too deeply");
    }
    return switch (node) {
      case MappingNode mapping -> new YamlMap(file, mapping).plain(depth - 1);
      case SequenceNode _ -> list().stream().map(v -> v.plain(depth - 1)).toList();
      case ScalarNode scalar -> {
        String text = scalar.getValue();
        if (scalar.isPlain() && text.matches("-?[0-9]{1,18}")) {
          long number = Long.parseLong(text);
          yield number == (int) number ? (Object) (int) number : (Object) number;
        }
        yield scalar.isPlain() && (text.equals("true") || text.equals("false"))
            ? (Object) Boolean.valueOf(text)
            : text;
      }
      default -> throw wrong("expected a value");
    };
  }

  public YamlException wrong(String problem) {
    return new YamlException(file, line, problem);
  }

  public YamlMap map() {
    if (node instanceof MappingNode mapping) {
      return new YamlMap(file, mapping);
    }
    throw wrong("expected `key: value` pairs");
  }

  public List<YamlValue> list() {
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue().stream()
          .map(n -> new YamlValue(file, n, YamlMap.lineOf(n)))
          .toList();
    }
    throw wrong("expected a list");
  }

  /// A list, or one value in place of a list of one.
  public List<YamlValue> listOrOne() {
    return isList() ? list() : List.of(this);
  }

  public String text() {
    if (node instanceof ScalarNode scalar && !isNull()) {
      return scalar.getValue();
    }
    throw wrong("expected text");
  }

  public int number(int min, int max) {
    String text = text();
    if (text.matches("-?[0-9]{1,9}")) {
      int n = Integer.parseInt(text);
      if (n >= min && n <= max) {
        return n;
      }
    }
    throw wrong("expected a number from " + min + " to " + max + ", not `" + text + "`");
  }

  public boolean yes() {
    return switch (text()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong("expected true or false, not `" + text() + "`");
    };
  }

  public Duration duration() {
    Matcher m = DURATION.matcher(text());
    if (!m.matches()) {
      throw wrong("expected a duration such as 30s, 10m or 2h, not `" + text() + "`");
    }
    long n = Long.parseLong(m.group(1));
    return switch (m.group(2)) {
      case "ms" -> Duration.ofMillis(n);
      case "s" -> Duration.ofSeconds(n);
      case "m" -> Duration.ofMinutes(n);
      case "h" -> Duration.ofHours(n);
      default -> Duration.ofDays(n);
    };
  }

  public Inet4Address address() {
    return Addresses.parse(text())
        .orElseThrow(() -> wrong("expected an IPv4 address, not `" + text() + "`"));
  }

  /// An address of that network.
  public Inet4Address addressIn(Cidr network) {
    Inet4Address address = address();
    if (!network.contains(address)) {
      throw wrong(Addresses.text(address) + " is not inside " + network);
    }
    return address;
  }

  public AddressRange range() {
    return AddressRange.parse(text())
        .orElseThrow(
            () -> wrong("expected a range such as 10.20.0.10-10.20.0.99, not `" + text() + "`"));
  }

  public Cidr cidr() {
    return Cidr.parse(text())
        .orElseThrow(() ->
            wrong(
                "expected an address with prefix length (8 to 30) such as 10.20.0.0/24, not `"
                    + text()
                    + "`"));
  }

  /// Text that must match.
  public String text(Pattern pattern, String expected) {
    String text = text();
    if (!pattern.matcher(text).matches()) {
      throw wrong("expected " + expected + ", not `" + text + "`");
    }
    return text;
  }

  /// Text that must be one of these.
  public String oneOf(String... choices) {
    String text = text();
    if (!List.of(choices).contains(text)) {
      throw wrong("expected one of " + String.join(", ", choices) + ", not `" + text + "`");
    }
    return text;
  }

  public <T> List<T> each(Function<YamlValue, T> reader) {
    return listOrOne().stream().map(reader).toList();
  }
}
