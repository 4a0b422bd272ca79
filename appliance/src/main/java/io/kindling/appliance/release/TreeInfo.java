package io.kindling.appliance.release;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// An installation tree's `.treeinfo` (productmd's treeinfo format, an INI file). Immutable.
///
/// @param kernel path below the tree, as the following
/// @param initrd of the installer
/// @param stage2 the installer's root file system
/// @param repositories variant → path of its repository
/// @param checksums path → SHA-256
public record TreeInfo(
    String family,
    String version,
    String arch,
    String kernel,
    String initrd,
    String stage2,
    Map<String, String> repositories,
    Map<String, String> checksums) {

  /// Where it lies in a tree.
  public static final String FILE = ".treeinfo";

  /// Paths end up in URLs and kernel arguments.
  private static final Pattern PATH =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*|\\.");

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,14}");
  private static final Pattern VERSION = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){0,2}");
  private static final Pattern SHA256 = Pattern.compile("sha256:([0-9a-f]{64})");

  public TreeInfo {
    repositories = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(repositories));
    checksums = Map.copyOf(checksums);
  }

  /// Reads one; empty where it describes no installer.
  static Optional<TreeInfo> parse(String text) {
    Map<String, Map<String, String>> sections = sections(text);
    Map<String, String> general = sections.getOrDefault("general", Map.of());
    String arch = general.getOrDefault("arch", "");
    Map<String, String> images = sections.getOrDefault("images-" + arch, Map.of());
    String kernel = images.getOrDefault("kernel", "");
    String initrd = images.getOrDefault("initrd", "");
    String stage2 = sections.getOrDefault("stage2", Map.of()).getOrDefault("mainimage", "");
    String version = general.getOrDefault("version", "");
    for (String path : List.of(kernel, initrd, stage2)) {
      if (!PATH.matcher(path).matches()) {
        return Optional.empty();
      }
    }
    if (!VERSION.matcher(version).matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new TreeInfo(
            general.getOrDefault("family", ""),
            version,
            arch,
            kernel,
            initrd,
            stage2,
            repositories(sections),
            checksums(sections)));
  }

  private static Map<String, String> repositories(Map<String, Map<String, String>> sections) {
    var found = new LinkedHashMap<String, String>();
    var variants = new ArrayList<String>();
    for (String name :
        sections.getOrDefault("tree", Map.of()).getOrDefault("variants", "").split(",")) {
      variants.add(name.strip());
    }
    for (String name : variants) {
      String path =
          sections.getOrDefault("variant-" + name, Map.of()).getOrDefault("repository", "");
      if (NAME.matcher(name).matches() && PATH.matcher(path).matches()) {
        found.put(name, path);
      }
    }
    return found;
  }

  private static Map<String, String> checksums(Map<String, Map<String, String>> sections) {
    var found = new LinkedHashMap<String, String>();
    sections
        .getOrDefault("checksums", Map.of())
        .forEach((path, sum) -> {
          var sha256 = SHA256.matcher(sum);
          if (PATH.matcher(path).matches() && sha256.matches()) {
            found.put(path, sha256.group(1));
          }
        });
    return found;
  }

  private static Map<String, Map<String, String>> sections(String text) {
    var sections = new LinkedHashMap<String, Map<String, String>>();
    Map<String, String> section = new LinkedHashMap<>();
    for (String raw : text.split("\\R")) {
      String line = raw.strip();
      int equals = line.indexOf('=');
      if (line.startsWith("[") && line.endsWith("]")) {
        section =
            sections.computeIfAbsent(
                line.substring(1, line.length() - 1), s -> new LinkedHashMap<>());
      } else if (equals > 0 && !line.startsWith(";") && !line.startsWith("#")) {
        section.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
      }
    }
    return sections;
  }
}
