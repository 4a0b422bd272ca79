package io.kindling.appliance.release;

import io.kindling.ksgen.kickstart.Release;
import java.nio.file.Path;

/// An imported installation tree.
///
/// @param id its directory and part of its URL: `rocky-9.4`
public record ReleaseTree(String id, Release release, Path directory, TreeInfo info) {

  /// The tree's path on the machines' listener.
  public String path() {
    return ReleaseFiles.PREFIX + id;
  }
}
