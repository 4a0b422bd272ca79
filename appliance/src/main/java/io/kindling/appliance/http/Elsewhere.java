package io.kindling.appliance.http;

/// Sends a browser on by 303 (RFC 9110 §15.4.4). Thrown by handlers and gates, written by
/// [Handlers].
public final class Elsewhere extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final String location;

  /// @param location a path of this listener
  public Elsewhere(String location) {
    super(location, null, false, false);
    this.location = location;
  }

  public String location() {
    return location;
  }
}
