package io.kindling.inventory.facts.internal;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// A tolerant view of a JSON object: a field of a wrong type is as good as absent, and warned of.
///
/// Tools changed their types over time (lsblk printed every number and flag as text before
/// util-linux 2.33), so numbers and flags are read from text too.
public final class Reader {

  /// A text field longer than this is cut.
  public static final int MAX_TEXT = 256;

  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}|[\\u2028\\u2029\\x{FFFE}]");

  private final JsonNode node;
  private final String path;
  private final Warnings warnings;

  public Reader(JsonNode node, String path, Warnings warnings) {
    this.node = node;
    this.path = path;
    this.warnings = warnings;
  }

  /// What was left out; the list has an end.
  public static final class Warnings {
    private static final int MAX = 100;
    private final Set<String> all = new TreeSet<>();

    public void add(String path, String what) {
      if (all.size() < MAX) {
        all.add(clean(path) + ": " + what);
      }
    }

    public List<String> list() {
      return List.copyOf(all);
    }
  }

  /// Text as everything after this may see it: no control characters, bounded, trimmed.
  public static String clean(String text) {
    String cut = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
    if (!cut.isEmpty() && Character.isHighSurrogate(cut.charAt(cut.length() - 1))) {
      cut = cut.substring(0, cut.length() - 1);
    }
    return CONTROL.matcher(cut.strip()).replaceAll("\uFFFD");
  }

  public boolean has(String key) {
    JsonNode value = node.get(key);
    return value != null && !value.isNull();
  }

  /// The keys, in the document's order; none where this is no object.
  public Collection<String> keys() {
    return node.propertyNames();
  }

  public void warn(String key, String what) {
    warnings.add(path + "." + key, what);
  }

  /// The field as it is; an absent one reads as null's node.
  public JsonNode any(String key) {
    JsonNode value = node.get(key);
    return value == null ? JsonNodeFactory.instance.nullNode() : value;
  }

  /// The field as an object; an empty one where it is absent or something else.
  public Reader object(String key) {
    JsonNode value = any(key);
    if (!value.isObject()) {
      if (!value.isNull()) {
        warn(key, "not an object");
      }
      value = JsonNodeFactory.instance.objectNode();
    }
    return new Reader(value, path + "." + key, warnings);
  }

  /// The objects of an array; what is no object is left out.
  public List<Reader> objects(String key) {
    JsonNode value = any(key);
    if (!value.isArray()) {
      if (!value.isNull()) {
        warn(key, "not an array");
      }
      return List.of();
    }
    return elements(value, path + "." + key, warnings);
  }

  /// The objects of an array node.
  public static List<Reader> elements(JsonNode array, String path, Warnings warnings) {
    var all = new ArrayList<Reader>();
    int i = 0;
    for (JsonNode element : array) {
      String at = path + "[" + i++ + "]";
      if (element.isObject()) {
        all.add(new Reader(element, at, warnings));
      } else {
        warnings.add(at, "not an object");
      }
    }
    return all;
  }

  /// Cleaned text; null where absent, empty or something else.
  public @Nullable String text(String key) {
    String text = longText(key);
    if (text == null) {
      return null;
    }
    if (text.length() > MAX_TEXT) {
      warn(key, "cut after " + MAX_TEXT + " characters");
    }
    String clean = clean(text);
    return clean.isEmpty() ? null : clean;
  }

  /// Text as it is, for what is parsed further.
  public @Nullable String longText(String key) {
    JsonNode value = any(key);
    if (value.isString()) {
      return value.stringValue();
    }
    if (value.isNumber()) {
      return value.asString();
    }
    if (!value.isNull()) {
      warn(key, "not text");
    }
    return null;
  }

  /// The texts of an array, as they are.
  public List<String> longTexts(String key) {
    JsonNode value = any(key);
    var texts = new ArrayList<String>();
    if (value.isArray()) {
      for (JsonNode element : value) {
        if (element.isString()) {
          texts.add(element.stringValue());
        } else if (!element.isNull()) {
          warn(key, "has something else than text");
        }
      }
    } else if (!value.isNull()) {
      warn(key, "not an array");
    }
    return texts;
  }

  /// A whole number of at least 0.
  public long number(String key, long otherwise) {
    JsonNode value = any(key);
    if (value.isNull()) {
      return otherwise;
    }
    try {
      if (value.isNumber() || value.isString()) {
        String text = value.isString() ? value.stringValue().strip() : value.asString();
        if (text.length() <= 32) { // BigDecimal of 1e999999999 must never be spelled out.
          var number = new BigDecimal(text);
          if (number.signum() >= 0 && number.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0) {
            return number.longValue();
          }
        }
      }
    } catch (NumberFormatException e) {
      // Warned of below.
    }
    warn(key, "not a number of at least 0");
    return otherwise;
  }

  /// The same for what fits an int.
  public int count(String key, int otherwise) {
    return (int) Math.min(number(key, otherwise), Integer.MAX_VALUE);
  }

  /// True or false, also as 1, 0, "1", "0".
  public boolean flag(String key, boolean otherwise) {
    JsonNode value = any(key);
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isNull()) {
      return otherwise;
    }
    String text = value.isString() || value.isNumber() ? value.asString() : "";
    return switch (text) {
      case "1", "true" -> true;
      case "0", "false" -> false;
      default -> {
        warn(key, "neither true nor false");
        yield otherwise;
      }
    };
  }

  public String path() {
    return path;
  }
}
