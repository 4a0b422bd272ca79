package io.kindling.pxe;

import org.jspecify.annotations.Nullable;

/// A failure with an entry in the catalogue of errors.
public final class PxeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final PxeError error;

  public PxeException(PxeError error, String detail) {
    this(error, detail, null);
  }

  public PxeException(PxeError error, String detail, @Nullable Throwable cause) {
    super(error.line(detail), cause);
    this.error = error;
  }

  public PxeError error() {
    return error;
  }
}
