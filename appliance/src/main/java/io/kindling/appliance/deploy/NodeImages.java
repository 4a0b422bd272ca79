package io.kindling.appliance.deploy;

import java.nio.file.Path;
import java.util.Optional;

/// The node image that new installations get. Thread-safe.
public interface NodeImages {

  /// The image built last, if there is one.
  Optional<NodeImage> current();

  /// The image of that SHA-256, while it is still kept.
  Optional<NodeImage> bySha256(String sha256);

  /// The key of the packages that the appliance serves, where it has any.
  default Optional<PackagesKey> packages() {
    return Optional.empty();
  }

  /// @param armoured the public key that signs the archive
  record PackagesKey(String suite, String armoured) {}

  /// @param file the archive, `tar.zst`
  record NodeImage(Path file, String sha256, long bytes) {}
}
