package io.kindling.appliance.deploy;

import java.nio.file.Path;
import java.util.Optional;

/// The node image that new installations get. Thread-safe.
public interface NodeImages {

  /// The image built last, if there is one.
  Optional<NodeImage> current();

  /// The image of that SHA-256, while it is still kept.
  Optional<NodeImage> find(String sha256);

  /// @param file the archive, `tar.zst`
  record NodeImage(Path file, String sha256, long bytes) {}
}
