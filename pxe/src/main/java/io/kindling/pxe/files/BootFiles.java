package io.kindling.pxe.files;

import io.kindling.pxe.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The catalogue as the servers see it: with the files `pxe` makes itself, and small files of the
/// disk kept in memory as long as they do not change. Thread-safe.
public final class BootFiles implements Catalogue {
  /// Loaders are below this, kernels and initrds are not.
  static final int MAX_CACHED_FILE = 4 << 20;

  static final long MAX_CACHED_TOTAL = 32 << 20;

  private record Cached(long size, FileTime modified, byte[] content) {}

  private final Catalogue catalogue;
  private final Function<String, byte @Nullable []> generated;
  private final Map<Path, Cached> cache = new LinkedHashMap<>(16, 0.75f, true);
  private long cachedBytes;

  /// @param generated content made here, null where the name is none of it
  public BootFiles(Catalogue catalogue, Function<String, byte @Nullable []> generated) {
    this.catalogue = catalogue;
    this.generated = generated;
  }

  @Override
  public Answer find(String name) {
    String key = stripSlashes(name);
    byte[] made = generated.apply(key);
    if (made != null) {
      return new InMemory(made);
    }
    Answer answer = catalogue.find(key);
    return answer instanceof OnDisk file && file.size() <= MAX_CACHED_FILE ? cached(file) : answer;
  }

  /// Firmware and loaders ask for `/shimx64.efi` and `//grubx64.efi` as well.
  private static String stripSlashes(String name) {
    int at = 0;
    while (at < name.length() && name.charAt(at) == '/') {
      at++;
    }
    return name.substring(at);
  }

  private Answer cached(OnDisk file) {
    try {
      FileTime modified = Files.getLastModifiedTime(file.path());
      synchronized (cache) {
        Cached held = cache.get(file.path());
        if (held != null && held.size() == file.size() && held.modified().equals(modified)) {
          return new InMemory(held.content());
        }
      }
      byte[] content = Files.readAllBytes(file.path());
      keep(file.path(), new Cached(content.length, modified, content));
      return new InMemory(content);
    } catch (IOException e) {
      return file; // whoever reads it next reports why it cannot be read
    }
  }

  private void keep(Path path, Cached content) {
    synchronized (cache) {
      Cached before = cache.put(path, content);
      cachedBytes += content.content().length - (before == null ? 0 : before.content().length);
      var oldest = cache.entrySet().iterator();
      while (cachedBytes > MAX_CACHED_TOTAL && oldest.hasNext()) {
        cachedBytes -= oldest.next().getValue().content().length;
        oldest.remove();
      }
    }
  }
}
