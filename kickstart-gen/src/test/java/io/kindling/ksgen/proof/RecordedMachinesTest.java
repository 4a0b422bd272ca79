package io.kindling.ksgen.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.FactsParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.node.ObjectNode;

/// Machines as servers of many vendors report themselves, against what was written down for them
/// before they were laid out (`recorded/expected.txt`), and against [Judge].
class RecordedMachinesTest {

  @TestFactory
  Stream<DynamicTest> everyMachineBecomesWhatWasWrittenDown() throws IOException {
    return Expectation.read(new String(read("expected.txt"), StandardCharsets.UTF_8)).stream()
        .map(e ->
            DynamicTest.dynamicTest(
                e.file() + ": " + e.what(),
                () -> {
                  Trial trial = trial(e);
                  Document document = Document.of(trial.document());
                  Trial.Outcome outcome = trial.run();
                  assumeFalse(
                      outcome instanceof Trial.Refused r && r.id().equals("KSG-003"),
                      "a role of a later version");
                  assertThat(e.differences(document, outcome)).isEmpty();
                  assertThat(trial.faults(outcome)).isEmpty();
                  assertThat(trial.repeated(outcome)).isEmpty();
                }));
  }

  @Test
  void everyDocumentIsReadWithoutAWarningButOfLinksTwoDrivesClaim() throws IOException {
    for (Expectation e :
        Expectation.read(new String(read("expected.txt"), StandardCharsets.UTF_8))) {
      FactsParser.Result result = new FactsParser().parse(read(e.file() + ".json"));
      assertThat(result).isInstanceOf(FactsParser.Parsed.class);
      assertThat(((FactsParser.Parsed) result).warnings())
          .as(e.file())
          .allMatch(w -> w.contains("two drives have the link") || w.contains("more than 100"));
    }
  }

  static Trial trial(Expectation e) throws IOException {
    return new Trial(
        (ObjectNode) Trial.JSON.readTree(read(e.file() + ".json")),
        e.roles().stream().map(r -> Role.of(r).orElseThrow()).collect(Collectors.toSet()),
        e.rules());
  }

  private static byte[] read(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            RecordedMachinesTest.class.getResourceAsStream("recorded/" + name), name)) {
      return in.readAllBytes();
    }
  }
}
