package io.kindling.tests.rack;

/// A rack that cannot go on, with a catalogued error.
public final class RackException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final RackError error;

  public RackException(RackError error, String detail) {
    super(error.id() + ": " + error.summary() + ": " + detail + "\n  " + error.cure());
    this.error = error;
  }

  public RackError error() {
    return error;
  }
}
