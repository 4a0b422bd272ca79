package io.kindling.postinstall.ssh;

/// Quoting of values for a POSIX shell.
public final class Shell {

  private Shell() {}

  /// The value as one word of a POSIX shell, whatever is in it: single quotes, each `'` as `'\''`.
  ///
  /// @throws IllegalArgumentException for a NUL character, which no shell word can hold
  public static String quote(String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a shell word cannot hold a NUL character");
    }
    return "'" + value.replace("'", "'\\''") + "'";
  }
}
