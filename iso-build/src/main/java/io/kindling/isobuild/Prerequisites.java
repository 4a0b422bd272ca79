package io.kindling.isobuild;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What the building machine must have: Debian 12 or 13 with a few packages.
public final class Prerequisites {

  private static final List<String> DIRECTORIES = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");

  /// A program, or a file by its whole path → the package it is in (the same in Debian 12 and 13).
  private static final Map<String, String> NEEDED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("apt-get", "apt"),
              Map.entry("bash", "bash"),
              Map.entry("chroot", "coreutils"),
              Map.entry("cpio", "cpio"),
              Map.entry("dpkg-deb", "dpkg"),
              Map.entry("flock", "util-linux"),
              Map.entry("unshare", "util-linux"),
              Map.entry("mksquashfs", "squashfs-tools"),
              Map.entry("mmdebstrap", "mmdebstrap"),
              Map.entry("tar", "tar"),
              Map.entry("xz", "xz-utils"),
              Map.entry("zstd", "zstd"),
              Map.entry(
                  "/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring")));

  /// What the package mirror needs.
  private static final Map<String, String> FOR_MIRROR =
      new TreeMap<>(
          Map.of(
              "apt-get", "apt",
              "apt-ftparchive", "apt-utils",
              "bash", "bash",
              "flock", "util-linux",
              "gpg", "gpg",
              "gpg-agent", "gpg-agent",
              "xz", "xz-utils",
              "/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"));

  /// What the ISO needs beside what images do.
  private static final Map<String, String> FOR_ISO =
      new TreeMap<>(Map.of("jq", "jq", "mount", "mount", "xorriso", "xorriso"));

  private Prerequisites() {}

  /// A tool that is not there and Debian's package that brings it.
  public record Missing(String tool, String packageName) {}

  /// What is missing on this machine, by tool.
  public static List<Missing> missing() {
    return missing(Path.of("/"));
  }

  /// What the package mirror lacks on this machine, by tool.
  public static List<Missing> missingForMirror() {
    return missing(Path.of("/"), FOR_MIRROR);
  }

  /// What the ISO lacks on this machine beside what images do, by tool.
  public static List<Missing> missingForIso() {
    return missing(Path.of("/"), FOR_ISO);
  }

  /// What is missing in another root.
  public static List<Missing> missing(Path root) {
    return missing(root, NEEDED);
  }

  private static List<Missing> missing(Path root, Map<String, String> wanted) {
    return wanted.entrySet().stream()
        .filter(needed -> !present(root, needed.getKey()))
        .map(needed -> new Missing(needed.getKey(), needed.getValue()))
        .toList();
  }

  /// All packages needed, for a launcher that installs them beforehand.
  public static List<String> packages() {
    return NEEDED.values().stream().distinct().sorted().toList();
  }

  private static boolean present(Path root, String tool) {
    if (tool.startsWith("/")) {
      return Files.exists(root.resolve(tool.substring(1)));
    }
    return DIRECTORIES.stream()
        .anyMatch(d -> Files.isExecutable(root.resolve(d.substring(1)).resolve(tool)));
  }
}
