package io.kindling.postinstall.adopt;

import io.kindling.postinstall.InstallError;

/// Why a machine's installed system could not be looked at or taken over.
public final class AdoptionException extends Exception {
  private static final long serialVersionUID = 1;
  private final InstallError error;

  AdoptionException(InstallError error, String detail) {
    super(detail);
    this.error = error;
  }

  public InstallError error() {
    return error;
  }

  /// With its id, on one line.
  public String text() {
    return error.id() + " " + error.summary() + " " + getMessage();
  }
}
