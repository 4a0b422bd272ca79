package io.kindling.pxe;

import java.nio.file.Path;

/// The boot files machines may fetch, by name. Names are keys, never paths: nothing outside the
/// catalogue can be named. Implementations are thread-safe and may change from call to call.
public interface Catalogue {

  /// The kernel of the bootstrap image.
  String KERNEL = "vmlinuz";

  /// Its initial RAM disk.
  String INITRD = "initrd";

  sealed interface Answer {}

  sealed interface Found extends Answer {
    /// In bytes.
    long size();
  }

  /// Held in memory; the array is never written to.
  record InMemory(byte[] content) implements Found {
    @Override
    public long size() {
      return content.length;
    }
  }

  record OnDisk(Path path, long size) implements Found {}

  record Unknown() implements Answer {}

  /// @param name without a leading slash: `shimx64.efi`, `grub/grub.cfg`
  Answer find(String name);
}
