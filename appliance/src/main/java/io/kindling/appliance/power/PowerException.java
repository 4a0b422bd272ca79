package io.kindling.appliance.power;

import org.jspecify.annotations.Nullable;

/// A named failure between the appliance and a BMC.
public final class PowerException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final PowerError error;
  private final boolean passing;

  public PowerException(PowerError error, String detail) {
    this(error, detail, false, null);
  }

  /// @param passing whether the same request may succeed a moment later
  PowerException(PowerError error, String detail, boolean passing, @Nullable Throwable cause) {
    super(detail, cause);
    this.error = error;
    this.passing = passing;
  }

  /// One that may be gone a moment later: a lost packet, a BMC that is busy.
  static PowerException passing(PowerError error, String detail, @Nullable Throwable cause) {
    return new PowerException(error, detail, true, cause);
  }

  public PowerError error() {
    return error;
  }

  boolean passing() {
    return passing;
  }

  /// The particulars; never null.
  public String detail() {
    String message = getMessage();
    return message == null ? error.summary() : message;
  }
}
