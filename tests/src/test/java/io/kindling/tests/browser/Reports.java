package io.kindling.tests.browser;

import io.kindling.inventory.TestParsing;
import io.kindling.tests.structure.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/// Discovery documents of distinct machines.
final class Reports {
  private static final String DELL =
      new String(TestParsing.recorded("dell-r640"), StandardCharsets.UTF_8);

  private Reports() {}

  /// The boot NIC of [#server].
  static String mac(int number) {
    return "b0:26:28:%02x:%02x:10".formatted(number >> 8, number & 255);
  }

  static String serial(int number) {
    return "KND%04d".formatted(number);
  }

  /// A server of a row of like ones: other addresses, serial numbers and WWNs, the same hardware;
  /// two of its drives and a power supply are ill.
  static String server(int number) {
    return DELL.replace(
            "b0:26:28:00:00:", "b0:26:28:%02x:%02x:".formatted(number >> 8, number & 255))
        .replace(
            "4c4c4544-004b-4e10-8044-cbc04f303031",
            "4c4c4544-004b-4e10-8044-%012x".formatted(number))
        .replace("KND0001", serial(number))
        .replace("cafe000", "ca%05d".formatted(number))
        .replace("36344830520000", "3634483052%04d".formatted(number))
        .replace("\"swp12\"", "\"swp" + number + "\"")
        .replace("10.20.0.112", "10.20.0." + (100 + number % 100));
  }

  /// The same with nothing ill.
  static String well(int number) {
    return server(number)
        .replace("Plugged: No", "Plugged: Yes")
        .replaceAll("\"critical_warning\": 5", "\"critical_warning\": 0")
        .replaceAll("\"media_errors\": 7", "\"media_errors\": 0")
        .replaceAll("\"percentage_used\": 104", "\"percentage_used\": 9")
        .replaceAll("\"available_spare\": 4", "\"available_spare\": 99")
        .replaceAll("\"passed\": false", "\"passed\": true")
        .replaceAll("\"value\": 12,\\s+\"string\": \"12\"", "\"value\": 0, \"string\": \"0\"")
        .replaceAll("\"value\": 2,\\s+\"string\": \"2\"", "\"value\": 0, \"string\": \"0\"");
  }

  /// A well one whose first memory module is missing.
  static String withoutOneModule(int number) {
    return well(number).replaceFirst("Size: 32 GB", "Size: No Module Installed");
  }

  /// A machine recorded for the layouts' proof.
  static String recorded(String name) {
    try {
      return Files.readString(
          Repository.root()
              .resolve("kickstart-gen/src/test/resources/io/kindling/ksgen/proof/recorded")
              .resolve(name + ".json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
