package io.kindling.appliance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AsideCommandsTest {
  @TempDir Path state;

  @Test
  void aRescueIsOrderedWithAKeyAndEnded() throws Exception {
    Path key = Files.writeString(state.resolve("ann.pub"), "# Ann\nssh-ed25519 AAAA ann\n\n");
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("POST /api/v1/nodes/node-1/rescue", "{\"text\":\"it waits for its boot\"}");
      appliance.json("DELETE /api/v1/nodes/node-1/rescue", "{\"text\":\"ready again\"}");
      var run =
          CommandLineRun.of(
              state, "node", "rescue", "node-1", "--restart", "--yes", "--key", "" + key);
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(run.out()).contains("it waits for its boot");
      assertThat(appliance.requests())
          .anyMatch(r ->
              r.endsWith("{\"restart\":true,\"yes\":true,\"keys\":[\"ssh-ed25519 AAAA ann\"]}"));
      assertThat(CommandLineRun.of(state, "node", "rescue", "node-1", "--end").out())
          .contains("ready again");
      assertThat(appliance.requests()).last().asString().startsWith("DELETE ").endsWith("{}");
    }
  }

  @Test
  void aWipeNamesItsDisksOrAllThatCanBeWritten() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("POST /api/v1/nodes/node-1/wipe", "{\"text\":\"cleared\"}");
      appliance.json(
          "GET /api/v1/nodes/node-1",
          "{\"disks\":[{\"id\":\"wwn-1\",\"sizeBytes\":9,\"readOnly\":false},"
              + "{\"id\":\"wwn-2\",\"sizeBytes\":9,\"readOnly\":true},"
              + "{\"id\":\"wwn-3\",\"sizeBytes\":0,\"readOnly\":false},"
              + "{\"id\":\"wwn-4\",\"sizeBytes\":9,\"readOnly\":false}]}");
      assertThat(
              CommandLineRun.of(
                      state, "node", "wipe", "node-1", "--disk", "wwn-1", "--disk", "wwn-9",
                      "--yes")
                  .status())
          .isZero();
      assertThat(appliance.requests())
          .last()
          .asString()
          .endsWith("{\"yes\":true,\"disks\":[\"wwn-1\",\"wwn-9\"]}");
      assertThat(CommandLineRun.of(state, "node", "wipe", "node-1", "--all-disks").status())
          .isZero();
      assertThat(appliance.requests())
          .last()
          .asString()
          .endsWith("{\"disks\":[\"wwn-1\",\"wwn-4\"]}");
    }
  }

  @Test
  void whatWouldBeLostIsSaidAndNoDiskIsAMistake() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.answer(
          "POST /api/v1/nodes/node-1/wipe",
          409,
          "application/problem+json",
          "{\"id\":\"APP-094\",\"title\":\"lost\",\"detail\":\"sda: kindling-os-1\",\"cure\":\"Say"
              + " --yes.\"}");
      var run = CommandLineRun.of(state, "node", "wipe", "node-1", "--disk", "sda");
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.err()).contains("APP-094", "kindling-os-1", "--yes");
      assertThat(CommandLineRun.of(state, "node", "wipe", "node-1").status()).isEqualTo(2);
      assertThat(
              CommandLineRun.of(state, "node", "wipe", "node-1", "--all-disks", "--disk", "sda")
                  .status())
          .isEqualTo(2);
    }
  }
}
