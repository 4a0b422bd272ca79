package io.kindling.postinstall.internal;

/// A value of the plan that cannot stand in the installed system's configuration.
final class BadValue extends RuntimeException {

  private static final long serialVersionUID = 1L;

  BadValue(String what, String value) {
    super(what + " cannot be “" + value + "”.");
  }
}
