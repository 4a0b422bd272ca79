package io.kindling.appliance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DayTwoCommandsTest {
  private static final String PLAN =
      "{\"title\":\"reboot host-2 in maintenance\",\"text\":\"$ ceph osd set-group noout"
          + " host-2\\n\",\"refused\":null}";

  @TempDir Path state;

  @Test
  void aRebootIsOrderedShownAndFollowedToItsEnd() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("GET /api/v1/events?after=0&limit=1000", "[]");
      appliance.json("POST /api/v1/nodes/host-2/maintenance", PLAN);
      appliance.json("GET /api/v1/operation", "{\"state\":\"running\"}");
      appliance.json("GET /api/v1/operation", "{\"state\":\"done\"}");
      var run = CommandLineRun.of(state, "node", "maintenance", "host-2", "--reboot");
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(run.out()).contains("$ ceph osd set-group noout host-2");
      assertThat(appliance.requests()).anyMatch(r -> r.endsWith("{\"step\":\"reboot\"}"));
    }
  }

  @Test
  void whatIsRefusedNamesTheErrorAndTheCure() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("GET /api/v1/events?after=0&limit=1000", "[]");
      appliance.answer(
          "POST /api/v1/osds/4/replace",
          409,
          "application/problem+json",
          "{\"id\":\"DAY-004\",\"title\":\"Cannot be destroyed.\",\"detail\":\"2"
              + " pgs\",\"cure\":\"Say --drain.\"}");
      var run = CommandLineRun.of(state, "osd", "replace", "4");
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.err()).contains("DAY-004", "2 pgs", "--drain");
      assertThat(appliance.requests()).anyMatch(r -> r.endsWith("{\"how\":\"safe\"}"));
    }
  }

  @Test
  void aDryRunThatWouldBeRefusedFails() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("GET /api/v1/events?after=0&limit=1000", "[]");
      appliance.json(
          "POST /api/v1/nodes/host-1/osds", "{\"text\":\"refused now\\n\",\"refused\":{}}");
      var run = CommandLineRun.of(state, "osd", "add", "host-1", "--disk", "wwn-1", "--dry-run");
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.out()).contains("refused now");
      assertThat(appliance.requests())
          .anyMatch(r -> r.endsWith("{\"disks\":[\"wwn-1\"],\"dryRun\":true}"));
    }
  }

  @Test
  void anOperationThatStoppedHalfWaySaysWhyAndHowToGoOn() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("GET /api/v1/events?after=0&limit=1000", "[]");
      appliance.json("POST /api/v1/operation/resume", "{}");
      appliance.json(
          "GET /api/v1/operation", "{\"state\":\"failed\",\"reason\":\"ENG-001 host-2 is off\"}");
      var run = CommandLineRun.of(state, "operation", "resume");
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.err()).contains("APP-309", "ENG-001", "operation resume");
    }
  }

  @Test
  void exactlyOneStepOfAMaintenanceIsNamed() {
    assertThat(CommandLineRun.of(state, "node", "maintenance", "host-2").status()).isEqualTo(2);
    assertThat(
            CommandLineRun.of(state, "node", "maintenance", "host-2", "--enter", "--exit").status())
        .isEqualTo(2);
    assertThat(
            CommandLineRun.of(state, "osd", "replace", "4", "--drain", "--accept-degraded")
                .status())
        .isEqualTo(2);
  }
}
