package io.kindling.tests.structure;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// One formatter for all: google-java-format. `./kindling format` mends what this finds.
final class SourcesAreFormattedTest {

  @Test
  void everyJavaFileIsAsTheFormatterWritesIt() throws Exception {
    boolean mend = Boolean.getBoolean("kindling.format");
    var formatter = new Formatter();
    var unformatted = new ArrayList<Path>();
    for (Path file : Repository.sources(".java")) {
      String text = Files.readString(file);
      String formatted = formatter.formatSourceAndFixImports(text);
      if (!formatted.equals(text)) {
        if (mend) {
          Files.writeString(file, formatted);
        } else {
          unformatted.add(Repository.root().relativize(file));
        }
      }
    }
    assertThat(unformatted).as("files to be mended by ./kindling format").isEmpty();
  }
}
