package io.kindling.inventory.facts;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.TestParsing;
import io.kindling.inventory.facts.Hardware.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A machine in depth; the documents' sources stand in the README beside them.
class HardwareTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static FactsParser.Parsed dell() {
    return TestParsing.parsed(TestParsing.recorded("dell-r640"));
  }

  private static FactsParser.Parsed raw(String raw) {
    return TestParsing.parsed(
        "{\"version\":1,\"agent\":{\"firmware\":\"bios\"},\"raw\":{%s}}"
            .formatted(raw)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static Hardware dmi(String text) {
    return raw("\"dmidecode\":" + JSON.writeValueAsString(text)).hardware();
  }

  @Test
  void eachMemoryModuleIsKnownBySlotSizeSpeedAndMaker() {
    Hardware hardware = dell().hardware();
    assertThat(hardware.memory()).hasSize(12);
    assertThat(hardware.emptyMemorySlots()).isEqualTo(12);
    assertThat(hardware.memory().getFirst())
        .isEqualTo(
            new Hardware.MemoryModule(
                "A1",
                32L << 30,
                "DDR4",
                2933,
                2666,
                "00AD063200AD",
                "HMA84GR7CJR4N-WM",
                "5A0B0000"));
    assertThat(hardware.memory())
        .extracting(Hardware.MemoryModule::slot)
        .containsExactly("A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4", "B5", "B6");
  }

  @ParameterizedTest
  @CsvSource({
    "NO DIMM, NO DIMM, Unknown",
    "[Empty], Undefined, 00000000",
    "Manufacturer00, Array1_PartNumber0, SerNum00",
    "'', ModulePartNumber01, DIMM_A1_SerNum",
    "Not Specified, P1-DIMMA1_PartNum, 0xFFFFFFFF",
  })
  void whatAVendorDidNotFillInNamesNoModule(String maker, String part, String serial) {
    Hardware hardware =
        dmi(
            """
            Handle 0x1100, DMI type 17, 40 bytes
            Memory Device
            \tSize: 8192 MB
            \tLocator: P1-DIMMA1
            \tType: DDR3
            \tSpeed: 1600 MHz
            \tManufacturer: %s
            \tPart Number: %s
            \tSerial Number: %s
            \tConfigured Clock Speed: 1333 MHz
            """
                .formatted(maker, part, serial));
    assertThat(hardware.memory())
        .containsExactly(
            new Hardware.MemoryModule("P1-DIMMA1", 8L << 30, "DDR3", 1600, 1333, null, null, null));
  }

  @Test
  void theFirmwaresOwnChipIsNoMemoryModule() {
    Hardware hardware =
        dmi(
            """
            Handle 0x1100, DMI type 17, 40 bytes
            Memory Device
            \tSize: 8192 kB
            \tLocator: SYSTEM ROM
            \tType: Flash
            """);
    assertThat(hardware.memory()).isEmpty();
    assertThat(hardware.emptyMemorySlots()).isZero();
  }

  @Test
  void processorsAreKnownBySocketsCoresThreadsAndNuma() {
    assertThat(dell().hardware().processors())
        .isEqualTo(
            new Hardware.Processors(
                "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz",
                "GenuineIntel",
                "x86_64",
                2,
                20,
                2,
                80,
                3900,
                List.of(
                    new Hardware.NumaNode(0, "0,2,4,6,8,10,12,14,16,18-78"),
                    new Hardware.NumaNode(1, "1,3,5,7,9,11,13,15,17,19-79"))));
  }

  @Test
  void aBmcsScreenIsNoGpuAndABridgeNoDevice() {
    Hardware hardware = dell().hardware();
    assertThat(hardware.pci()).extracting(Hardware.PciDevice::kind).doesNotContain("bridge");
    assertThat(hardware.pci().stream().filter(Hardware.PciDevice::gpu))
        .containsExactly(
            new Hardware.PciDevice(
                "0000:86:00.0",
                "display",
                "3D controller",
                "NVIDIA Corporation",
                "TU104GL [Tesla T4]",
                "nouveau",
                true));
    assertThat(hardware.pci()).anyMatch(d -> "mpt3sas".equals(d.driver()));
  }

  @Test
  void aNicIsKnownByDriverFirmwareSpeedAndTheSwitchPortItIsPluggedInto() {
    Hardware hardware = dell().hardware();
    assertThat(hardware.nics())
        .extracting(Hardware.Adapter::name)
        .containsExactly("eno1np0", "eno2np1", "eno3");
    Hardware.Adapter first = hardware.nics().getFirst();
    assertThat(first)
        .isEqualTo(
            new Hardware.Adapter(
                "eno1np0",
                "Broadcom Inc. and subsidiaries",
                "BCM57414 NetXtreme-E 10Gb/25Gb RDMA Ethernet Controller",
                "bnxt_en",
                "6.12.57",
                "218.0.219.13/pkg 21.80.16.95",
                true,
                25_000,
                25_000,
                "full",
                "0000:19:00.0",
                new Hardware.FarEnd(
                    "leaf-7a",
                    "44:38:39:00:00:11",
                    "Cumulus Linux version 5.9.1 running on Mellanox SN2410",
                    "10.20.255.7",
                    "swp12",
                    "rack7 u12 port 1",
                    20)));
    assertThat(hardware.nics().get(1).link()).isFalse();
    assertThat(hardware.nics().get(1).neighbour()).isNull();
  }

  @Test
  void aVirtioNicHasThePlaceOfTheFunctionThatHoldsIt() {
    Hardware hardware = TestParsing.parsed(TestParsing.recorded("qemu-uefi")).hardware();
    assertThat(hardware.nics())
        .anyMatch(nic ->
            nic.name().equals("enp0s2")
                && "0000:00:02.0".equals(nic.pci())
                && "virtio_net".equals(nic.driver()));
  }

  @Test
  void controllerFirmwareTpmBoardAndPowerSuppliesAreRead() {
    Hardware hardware = dell().hardware();
    assertThat(hardware.bmc())
        .isEqualTo(
            new Hardware.Controller(
                "10.20.4.112", "b0:26:28:00:00:ff", "DHCP Address", "10.20.4.1", 4));
    assertThat(hardware.bios())
        .isEqualTo(new Hardware.Bios("Dell Inc.", "2.15.1", "06/15/2022", "6.10"));
    assertThat(hardware.tpm()).isEqualTo(new Hardware.Tpm("NTC", "2.0"));
    assertThat(hardware.board().chassis()).isEqualTo("Rack Mount Chassis");
    assertThat(hardware.board().assetTag()).isEqualTo("RACK7-U12");
    assertThat(hardware.powerSupplies())
        .extracting(Hardware.PowerSupply::watts, Hardware.PowerSupply::verdict)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(750, Verdict.GOOD),
            org.assertj.core.groups.Tuple.tuple(750, Verdict.FAILING));
  }

  @Test
  void theKernelsWordOnTheTpmCountsWhereTheFirmwareSaysNothing() {
    assertThat(raw("\"tpm\":\"1\\n\"").hardware().tpm()).isEqualTo(new Hardware.Tpm(null, "1.2"));
    assertThat(raw("\"tpm\":\"9\"").hardware().tpm()).isNull();
  }

  @Test
  void drivesAreJudgedByTheirOwnAccounts() {
    Map<String, Hardware.DiskHealth> disks =
        dell().hardware().disks().stream()
            .collect(java.util.stream.Collectors.toMap(Hardware.DiskHealth::name, d -> d));
    assertThat(disks.get("sda"))
        .isEqualTo(
            new Hardware.DiskHealth(
                "sda", Verdict.GOOD, List.of(), "CE03", 31, 21_345L, null, null, 0L, 0L, null));
    assertThat(disks.get("sdb").verdict()).isEqualTo(Verdict.WORN);
    assertThat(disks.get("sdb").findings())
        .containsExactly("12 reallocated sectors", "2 sectors pending");
    assertThat(disks.get("nvme0n1").verdict()).isEqualTo(Verdict.GOOD);
    assertThat(disks.get("nvme0n1").percentageUsed()).isEqualTo(3);
    assertThat(disks.get("nvme1n1").verdict()).isEqualTo(Verdict.FAILING);
    assertThat(disks.get("nvme1n1").findings())
        .containsExactly(
            "its own test says that it fails",
            "spare blocks run out",
            "reliability degraded by media errors",
            "only 4 % of its spare blocks left",
            "104 % of its endurance used",
            "7 media errors");
  }

  @Test
  void aDriveThatCannotTellIsNeitherWellNorIll() {
    Hardware hardware = TestParsing.parsed(TestParsing.recorded("qemu-uefi")).hardware();
    assertThat(hardware.disks())
        .filteredOn(d -> d.name().equals("sda") || d.name().equals("vda"))
        .hasSize(2)
        .allMatch(d -> d.verdict() == Verdict.UNKNOWN && d.findings().isEmpty());
    assertThat(hardware.disks())
        .anyMatch(d -> d.name().equals("nvme0n1") && d.verdict() == Verdict.GOOD);
  }

  @Test
  void theSummaryNamesWhatIsIll() {
    Facts.Summary summary = dell().facts().summary();
    assertThat(summary.memoryModules()).isEqualTo(12);
    assertThat(summary.moduleBytes()).isEqualTo(384L << 30);
    assertThat(summary.gpus()).isEqualTo(1);
    assertThat(summary.ailments())
        .extracting(Facts.Ailment::failing)
        .containsExactly(false, true, true);
    assertThat(summary.ailments().getLast().text())
        .isEqualTo("power supply PSU2 Status: not plugged");
  }

  @Test
  void withoutAnyToolNothingIsKnownAndNothingFails() {
    Hardware hardware = raw("").hardware();
    assertThat(hardware.memory()).isEmpty();
    assertThat(hardware.bmc()).isNull();
    assertThat(hardware.tpm()).isNull();
    assertThat(hardware.summary()).isEqualTo(Facts.Summary.NONE);
  }

  /// Every tool's output, replaced by each kind of JSON in turn, gives facts and, where it is not
  /// what the tool prints, a warning that names it.
  @ParameterizedTest
  @ValueSource(strings = {"null", "true", "17", "\"text\"", "[]", "[1,[]]", "{}", "{\"a\":[{}]}"})
  void aToolThatPrintsSomethingElseIsNamedNotThrown(String json) {
    var document = (ObjectNode) JSON.readTree(TestParsing.recorded("dell-r640"));
    var raw = (ObjectNode) document.get("raw");
    JsonNode odd = JSON.readTree(json);
    for (String tool : List.copyOf(raw.propertyNames())) {
      var copy = document.deepCopy();
      ((ObjectNode) copy.get("raw")).set(tool, odd);
      assertThat(new FactsParser().parse(JSON.writeValueAsBytes(copy)))
          .as(tool)
          .isInstanceOf(FactsParser.Parsed.class);
    }
    if (json.equals("true")) {
      raw.set("smart", odd);
      raw.set("lshw", odd);
      assertThat(TestParsing.parsed(JSON.writeValueAsBytes(document)).warnings())
          .contains("$.raw.smart: not an object", "$.raw.lshw: not an object");
    }
  }

  /// Each value of the document in turn becomes something else: never an exception.
  @Test
  void anyValueMayBeOfAnotherType() {
    JsonNode document = JSON.readTree(TestParsing.recorded("dell-r640"));
    for (String odd : List.of("null", "-1", "1e300", "[[]]", "{\"x\":{}}", "\"\\u0000\\u2028\"")) {
      JsonNode copy = document.deepCopy();
      int changed = spoil(copy.get("raw"), JSON.readTree(odd), new int[] {0});
      assertThat(changed).isGreaterThan(100);
      assertThat(new FactsParser().parse(JSON.writeValueAsBytes(copy)))
          .as(odd)
          .isInstanceOf(FactsParser.Parsed.class);
    }
  }

  /// Replaces every third leaf.
  private static int spoil(JsonNode node, JsonNode odd, int[] leaves) {
    int changed = 0;
    if (node instanceof ObjectNode object) {
      for (String key : List.copyOf(object.propertyNames())) {
        JsonNode value = object.get(key);
        if (value.isContainer()) {
          changed += spoil(value, odd, leaves);
        } else if (leaves[0]++ % 3 == 0) {
          object.set(key, odd);
          changed++;
        }
      }
    } else {
      for (JsonNode child : node) {
        changed += spoil(child, odd, leaves);
      }
    }
    return changed;
  }
}
