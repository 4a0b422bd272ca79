package io.kindling.isobuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every script passes shellcheck.
final class ShellScriptsTest {

  static Stream<Path> scripts() throws Exception {
    Path base =
        Path.of(
                Objects.requireNonNull(
                        ImageBuilder.class.getResource("/io/kindling/isobuild/lib.sh"))
                    .toURI())
            .getParent();
    try (Stream<Path> files = Files.walk(base)) {
      return files
          .filter(Files::isRegularFile)
          .filter(f -> !f.toString().endsWith(".class"))
          .filter(ShellScriptsTest::isShell)
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void scriptPassesShellcheck(Path script) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/shellcheck")), "shellcheck is not installed");
    Process check =
        new ProcessBuilder(List.of("shellcheck", "-x", "-P", "SCRIPTDIR", script.toString()))
            .redirectErrorStream(true)
            .start();
    String output = new String(check.getInputStream().readAllBytes());
    assertThat(check.waitFor()).as(output).isZero();
  }

  @Test
  void thereAreScripts() throws Exception {
    assertThat(scripts()).hasSizeGreaterThan(10);
  }

  private static boolean isShell(Path file) {
    try {
      String text = Files.readString(file);
      return text.startsWith("#!/bin/") || text.startsWith("# shellcheck shell=");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
