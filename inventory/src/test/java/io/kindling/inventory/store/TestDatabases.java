package io.kindling.inventory.store;

import java.nio.file.Path;

/// Databases for tests.
public final class TestDatabases {
  private TestDatabases() {}

  /// Opens the database there; a refusal fails the test.
  public static Database open(Path dir) {
    return switch (Database.open(dir)) {
      case Database.Opened opened -> opened.database();
      case Database.Refused refused ->
          throw new AssertionError(refused.error() + ": " + refused.reason());
    };
  }
}
