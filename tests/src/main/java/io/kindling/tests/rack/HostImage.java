package io.kindling.tests.rack;

import io.kindling.isobuild.NodeImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// The node image unpacked: the root that all container hosts share, read-only, each with its own
/// overlay. Like the images it is kept in the cache, one for each hash.
final class HostImage {

  private static final String PREFIX = "host-root-";

  private HostImage() {}

  /// The unpacked image, unpacked now where it is not yet.
  static Path unpacked(NodeImage image, Path cache) {
    Path root = cache.resolve(PREFIX + image.hash());
    try (FileChannel lock =
            FileChannel.open(
                cache.resolve("." + PREFIX + "lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        var _ = lock.lock()) {
      if (Files.isDirectory(root)) {
        return root;
      }
      Path half = cache.resolve(PREFIX + "unpacking");
      Commands.run("rm", "-rf", "--one-file-system", half.toString());
      Files.createDirectory(half);
      Commands.run(
          "tar",
          "--extract",
          "--zstd",
          "--numeric-owner",
          "--xattrs",
          "--xattrs-include=*",
          "--directory=" + half,
          "--file=" + image.archive());
      Files.move(half, root, StandardCopyOption.ATOMIC_MOVE);
      return root;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
