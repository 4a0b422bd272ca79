package io.kindling.postinstall.engine;

import java.util.regex.Pattern;

/// What values of items look like.
final class Checks {

  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9@:_+.,=-]+)+");
  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_.-]{0,31}");
  private static final Pattern MODE = Pattern.compile("[0-7]{4}");

  private Checks() {}

  static void path(String path) {
    if (!PATH.matcher(path).matches() || path.contains("/../") || path.endsWith("/..")) {
      throw new IllegalArgumentException("not a plain absolute path: " + path);
    }
  }

  static void names(String... names) {
    for (String name : names) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException("not a user or group: " + name);
      }
    }
  }

  static void mode(String mode) {
    if (!MODE.matcher(mode).matches()) {
      throw new IllegalArgumentException("not an octal mode of four digits: " + mode);
    }
  }

  static void text(String content) {
    if (content.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a managed file holds text, no NUL");
    }
  }
}
