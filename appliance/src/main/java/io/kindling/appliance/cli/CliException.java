package io.kindling.appliance.cli;

import org.jspecify.annotations.Nullable;

/// A command that failed: shown as one line with the id and one with the cure.
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final String id;
  private final String cure;

  public CliException(CliError error, String detail) {
    this(error, detail, null);
  }

  public CliException(CliError error, String detail, @Nullable Throwable cause) {
    this(error.id(), error.summary() + ": " + detail, error.cure(), cause);
  }

  /// A failure that another part of the product named, with its own id and cure.
  public CliException(String id, String text, String cure, @Nullable Throwable cause) {
    super(text, cause);
    this.id = id;
    this.cure = cure;
  }

  public String id() {
    return id;
  }

  public String cure() {
    return cure;
  }

  /// What happened; never null.
  public String text() {
    String message = getMessage();
    return message == null ? id : message;
  }
}
