package io.kindling.appliance.cli;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Files that the operator names; `-` is standard input.
final class GivenFiles {

  private GivenFiles() {}

  static byte[] read(CliEnvironment environment, Path file) {
    try {
      return file.toString().equals("-")
          ? environment.in().readAllBytes()
          : java.nio.file.Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new CliException(CliError.FILE, file + " does not exist", e);
    } catch (IOException e) {
      throw new CliException(CliError.FILE, file + ": " + e.getMessage(), e);
    }
  }
}
