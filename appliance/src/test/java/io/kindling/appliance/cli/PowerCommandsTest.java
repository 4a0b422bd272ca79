package io.kindling.appliance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowerCommandsTest {
  @TempDir Path state;

  @Test
  void aVerbIsSentAndItsOutcomePrinted() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("POST /api/v1/nodes/n-7/power", "{\"text\":\"n-7 was switched on\"}");
      appliance.json("GET /api/v1/nodes/n-7/power", "{\"text\":\"n-7 is off\"}");
      var on = CommandLineRun.of(state, "node", "power", "n-7", "on", "--boot", "network");
      assertThat(on.status()).as(on.err()).isZero();
      assertThat(on.out()).isEqualTo("n-7 was switched on\n");
      assertThat(appliance.requests())
          .anyMatch(r -> r.endsWith("{\"verb\":\"on\",\"boot\":\"network\"}"));
      assertThat(CommandLineRun.of(state, "node", "power", "n-7").out()).isEqualTo("n-7 is off\n");
      CommandLineRun.of(state, "node", "power", "n-7", "off", "--yes");
      assertThat(appliance.requests()).anyMatch(r -> r.endsWith("{\"verb\":\"off\",\"yes\":true}"));
    }
  }

  @Test
  void thePasswordComesOnStandardInputOrFromAFileAndIsNeverPrinted() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("PUT /api/v1/nodes/n-7/power/access", "{\"from\":\"node\"}");
      appliance.json("GET /api/v1/nodes/n-7/power", "{\"text\":\"n-7 is on\"}");
      var set =
          CommandLineRun.of(
              state,
              "hush hush\n".getBytes(StandardCharsets.UTF_8),
              List.of(),
              "node",
              "power",
              "n-7",
              "--set",
              "ipmi",
              "--address",
              "10.0.0.9",
              "--user",
              "admin");
      assertThat(set.status()).as(set.err()).isZero();
      assertThat(set.out()).isEqualTo("n-7 is on\n");
      assertThat(set.err()).doesNotContain("hush");
      assertThat(appliance.requests())
          .anyMatch(r -> r.contains("\"password\":\"hush hush\",\"address\":\"10.0.0.9\""));

      Path file = Files.writeString(state.resolve("pw"), "other\n");
      appliance.json(
          "PUT /api/v1/labels/big/power/access",
          "{\"from\":\"label big\",\"kind\":\"redfish\",\"user\":\"root\"}");
      var label =
          CommandLineRun.of(
              state,
              "node",
              "power",
              "--label",
              "big",
              "--set",
              "redfish",
              "--user",
              "root",
              "--password-file",
              file.toString());
      assertThat(label.status()).as(label.err()).isZero();
      assertThat(label.out()).isEqualTo("label big: redfish, user root\n");
      assertThat(appliance.requests()).anyMatch(r -> r.contains("\"password\":\"other\""));
    }
  }

  @Test
  void labelsAreListedWithTheirAccess() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json(
          "GET /api/v1/labels",
          "[{\"label\":\"big\",\"nodes\":12,\"power\":{\"kind\":\"redfish\",\"user\":\"root\"}},"
              + "{\"label\":\"rack-1\",\"nodes\":3}]");
      var list = CommandLineRun.of(state, "node", "labels");
      assertThat(list.status()).as(list.err()).isZero();
      assertThat(list.out())
          .containsPattern("big +12 +redfish, user root")
          .containsPattern("rack-1 +3 +none");
      assertThat(CommandLineRun.of(state, "node", "labels", "--json").out()).contains("redfish");
    }
  }

  @Test
  void whatIsInUseIsRefusedWithTheWayOn() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.answer(
          "POST /api/v1/nodes/n-7/power",
          409,
          "application/problem+json",
          "{\"id\":\"APP-413\",\"title\":\"Switching the machine off would stop what runs on"
              + " it\",\"detail\":\"n-7 is ready; it runs ceph-osd\",\"cure\":\"say it again with"
              + " `--yes`\"}");
      var off = CommandLineRun.of(state, "node", "power", "n-7", "off");
      assertThat(off.status()).isEqualTo(1);
      assertThat(off.err()).contains("APP-413", "it runs ceph-osd", "--yes");
    }
  }

  @Test
  void theLedIsLitAndPutOut() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.raw("POST /api/v1/nodes/n-7/locate", "HTTP/1.0 204 X\r\nContent-Length: 0\r\n\r\n");
      assertThat(CommandLineRun.of(state, "node", "locate", "n-7", "off").status()).isZero();
      assertThat(appliance.requests()).anyMatch(r -> r.endsWith("{\"on\":false}"));
    }
  }

  @Test
  void aNodeAndALabelAtOnceAreNotUnderstood() {
    assertThat(CommandLineRun.of(state, "node", "power").status()).isEqualTo(2);
    assertThat(CommandLineRun.of(state, "node", "power", "n", "--label", "l").status())
        .isEqualTo(2);
    assertThat(CommandLineRun.of(state, "node", "power", "n", "soft").status()).isEqualTo(2);
  }
}
