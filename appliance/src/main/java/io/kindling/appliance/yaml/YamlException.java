package io.kindling.appliance.yaml;

/// A file says something that cannot be; the message begins with `file:line: `.
public final class YamlException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final int line;

  public YamlException(String file, int line, String problem) {
    super(file + ":" + line + ": " + problem);
    this.line = line;
  }

  /// Counted from 1.
  public int line() {
    return line;
  }

  public String text() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
