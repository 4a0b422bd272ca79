package io.kindling.pxe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// A fixed set of names, each a file on disk or bytes. Thread-safe.
///
/// @param files by name; a file that is missing when asked for is unknown
/// @param contents by name; wins over `files`
public record FileCatalogue(Map<String, Path> files, Map<String, byte[]> contents)
    implements Catalogue {

  public FileCatalogue {
    files = Map.copyOf(files);
    contents = Map.copyOf(contents);
  }

  @Override
  public Answer find(String name) {
    byte[] content = contents.get(name);
    if (content != null) {
      return new InMemory(content);
    }
    Path path = files.get(name);
    if (path == null || !Files.isRegularFile(path)) {
      return new Unknown();
    }
    try {
      return new OnDisk(path, Files.size(path));
    } catch (IOException e) {
      return new Unknown(); // removed between the two looks
    }
  }
}
