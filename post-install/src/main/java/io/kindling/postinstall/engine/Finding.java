package io.kindling.postinstall.engine;

/// Why something failed: a catalogued error, what was seen, and what to do.
///
/// @param error the error's id
/// @param summary what happened
/// @param seen what the node said; empty where that adds nothing
/// @param cure what to do
public record Finding(String error, String summary, String seen, String cure) {

  public static Finding of(NamedError error, String seen) {
    return new Finding(error.id(), error.summary(), seen.strip(), error.cure());
  }

  /// One sentence after the other.
  public String text() {
    return error + " " + summary + (seen.isEmpty() ? " " : " Seen: " + seen + " ") + cure;
  }
}
