package io.kindling.inventory;

/// The store cannot do its work (disk full, corrupt file, lost connection). Not an expected
/// outcome.
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
