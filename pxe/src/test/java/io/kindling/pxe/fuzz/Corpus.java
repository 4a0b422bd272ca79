package io.kindling.pxe.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The inputs a target is fuzzed from, one a line as hex.
///
/// @param file among the test resources
record Corpus(Path file) {

  static Corpus of(Target target) {
    return new Corpus(
        Path.of("src/test/resources/fuzz", target.name().toLowerCase(Locale.ROOT) + ".hex"));
  }

  List<byte[]> inputs() throws IOException {
    return Files.readAllLines(file).stream().map(HexFormat.of()::parseHex).toList();
  }

  /// As Jazzer reads it: a file for each.
  void unpack(Path folder) throws IOException {
    List<byte[]> inputs = inputs();
    for (int i = 0; i < inputs.size(); i++) {
      Files.write(folder.resolve("input-" + i), inputs.get(i));
    }
  }

  void keep(Path folder) throws IOException {
    var lines = new TreeSet<String>();
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(found::add);
    }
    for (Path input : found) {
      lines.add(HexFormat.of().formatHex(Files.readAllBytes(input)));
    }
    Files.write(file, lines);
  }
}
