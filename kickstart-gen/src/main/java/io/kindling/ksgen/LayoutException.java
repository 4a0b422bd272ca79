package io.kindling.ksgen;

/// A layout that cannot be, by its id and in words that name the disk, volume or rule. The detail
/// can hold text from a machine or operator: quote it where it is shown.
public final class LayoutException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final LayoutError error;
  private final String detail;

  public LayoutException(LayoutError error, String detail) {
    super(error.id() + " " + error.summary() + " " + detail);
    this.error = error;
    this.detail = detail;
  }

  public LayoutError error() {
    return error;
  }

  /// Which disk, volume or rule, and by how much.
  public String detail() {
    return detail;
  }
}
