package io.kindling.postinstall.ssh;

/// Takes a command's output line by line, both streams, never two lines at once. Lines are without
/// their end, cut at [#LONGEST] characters, and malformed UTF-8 comes as U+FFFD.
@FunctionalInterface
public interface LineSink {

  /// The longest line that is handed on, in characters; the rest of a longer one is dropped.
  int LONGEST = 8192;

  void line(String line);
}
