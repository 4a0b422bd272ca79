package io.kindling.appliance;

import org.jspecify.annotations.Nullable;

/// A named failure: an error of the catalogue and its particulars.
public class ApplianceException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final ApplianceError error;

  public ApplianceException(ApplianceError error, String detail) {
    this(error, detail, null);
  }

  public ApplianceException(ApplianceError error, String detail, @Nullable Throwable cause) {
    super(detail, cause);
    this.error = error;
  }

  public ApplianceError error() {
    return error;
  }

  /// The particulars; never null.
  public String detail() {
    String message = getMessage();
    return message == null ? error.summary() : message;
  }
}
