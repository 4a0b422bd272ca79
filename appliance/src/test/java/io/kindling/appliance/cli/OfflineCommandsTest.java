package io.kindling.appliance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The document was recorded in QEMU by the module `inventory`.
final class OfflineCommandsTest {

  @TempDir Path directory;
  private Path facts;

  @BeforeEach
  void saveFacts() throws Exception {
    facts = directory.resolve("facts.json");
    try (InputStream in =
        OfflineCommandsTest.class.getResourceAsStream(
            "/io/kindling/inventory/facts/qemu-uefi.json")) {
      Files.write(facts, in.readAllBytes());
    }
  }

  private CommandLineRun run(String... arguments) {
    return CommandLineRun.of(directory, arguments);
  }

  @Test
  void aPlanShowsTheDisksAndNeedsNoAppliance() {
    var run = run("plan", "--facts", facts.toString(), "--role", "base");
    assertThat(run.err()).doesNotContain("kindling:");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("kindling-os-");
  }

  @Test
  void thePlanAsKsSpacesIsJson() {
    var run = run("plan", "--facts", facts.toString(), "--role", "base", "--format", "ks_spaces");
    assertThat(run.status()).isZero();
    assertThat(Operators.parse(run.out()).isArray()).isTrue();
  }

  @Test
  void theSameDocumentGivesTheSameScriptAlsoFromStandardInput() throws Exception {
    var run = run("render", "partition-script", "--facts", facts.toString(), "--role", "base");
    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("#!/bin/sh");
    var again =
        CommandLineRun.of(
            directory,
            Files.readAllBytes(facts),
            List.of(),
            "render",
            "partition-script",
            "--facts",
            "-",
            "--role",
            "base");
    assertThat(again.out()).isEqualTo(run.out());
  }

  @Test
  void anUnknownRoleIsNotUnderstood() {
    var run = run("plan", "--facts", facts.toString(), "--role", "cook");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("there is no role `cook`", "ceph-osd");
  }

  @Test
  void aDiskTheMachineDoesNotHaveIsNamed() {
    var run =
        run("plan", "--facts", facts.toString(), "--role", "base", "--disk", "wwn-0x1=os:all");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("KSG-004", "wwn-0x1");
  }

  @Test
  void aTruncatedDocumentIsNamed() throws Exception {
    byte[] whole = Files.readAllBytes(facts);
    Files.write(facts, java.util.Arrays.copyOf(whole, whole.length / 2));
    var run = run("plan", "--facts", facts.toString(), "--role", "base");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("INV-003");
  }
}
