package io.kindling.isobuild;

import org.jspecify.annotations.Nullable;

/// An image could not be built. The message starts with the error's id and ends with its cure.
public final class IsoBuildException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final IsoError error;

  public IsoBuildException(IsoError error, String detail) {
    this(error, detail, null);
  }

  public IsoBuildException(IsoError error, String detail, @Nullable Throwable cause) {
    super(error.id() + " " + error.summary() + ": " + detail + ". " + error.cure(), cause);
    this.error = error;
  }

  public IsoError error() {
    return error;
  }
}
