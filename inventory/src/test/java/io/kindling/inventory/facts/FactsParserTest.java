package io.kindling.inventory.facts;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.InventoryError;
import io.kindling.inventory.TestParsing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The document as a whole: recorded machines, odd ones and hostile ones.
class FactsParserTest {
  private static FactsParser.Malformed malformed(byte[] document) {
    return (FactsParser.Malformed) new FactsParser().parse(document);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void theRecordedBiosMachineIsRead() {
    FactsParser.Parsed parsed = TestParsing.parsed(TestParsing.recorded("qemu-bios"));
    Facts facts = parsed.facts();
    assertThat(parsed.warnings()).isEmpty();
    assertThat(facts.agent())
        .isEqualTo(new Facts.Agent("1.0", Facts.Firmware.BIOS, false, "52:54:00:00:00:01"));
    assertThat(facts.system().vendor()).isEqualTo("QEMU");
    assertThat(facts.system().uuid()).isEqualTo("7f4e1a52-3c1b-4e0b-9a55-2b6f0e8d4c01");
    assertThat(facts.system().serial()).isNull();
    assertThat(facts.system().firmwareVersion()).isNotNull();
    assertThat(facts.cpu()).isEqualTo(new Facts.Cpu("QEMU TCG CPU version 2.5+", "x86_64", 1, 2));
    assertThat(facts.memoryBytes()).isEqualTo(2L << 30);
    assertThat(facts.sshHostKeys()).hasSize(1);
    assertThat(facts.disks())
        .extracting(Facts.Disk::name)
        .containsExactly("sda", "sdb", "sdc", "vda", "nvme0n1");
    assertThat(facts.disks())
        .extracting(Facts.Disk::id)
        .containsExactly(
            "wwn-0x5000c500a1b2c300",
            "wwn-0x5000c500a1b2c301",
            "wwn-0x5000c500a1b2c302",
            "virtio-OSDISK",
            "nvme-QEMU_NVMe_Ctrl_JOURNAL1");
    assertThat(facts.disks())
        .extracting(Facts.Disk::media)
        .containsExactly(
            Facts.Media.HDD, Facts.Media.HDD, Facts.Media.HDD, Facts.Media.HDD, Facts.Media.NVME);
    assertThat(facts.disks())
        .extracting(Facts.Disk::bus)
        .containsExactly("scsi", "scsi", "scsi", "virtio", "nvme");
    assertThat(facts.nics()).extracting(Facts.Nic::name).containsExactly("ens3", "ens4");
    assertThat(facts.nics()).allMatch(Facts.Nic::identifies).allMatch(Facts.Nic::linkUp);
  }

  @Test
  void theOldDiskOfTheRecordedMachineShowsWhatIsLost() {
    Facts.Disk disk = TestParsing.facts(TestParsing.recorded("qemu-bios")).disks().getFirst();
    assertThat(disk.tableType()).isEqualTo("gpt");
    assertThat(disk.sizeBytes()).isEqualTo(1L << 30);
    assertThat(disk.sizeMib()).isEqualTo(1024);
    assertThat(disk.links())
        .containsExactly(
            "disk/by-id/scsi-35000c500a1b2c300",
            "disk/by-id/wwn-0x5000c500a1b2c300",
            "disk/by-path/pci-0000:00:06.0-scsi-0:0:0:0");
    assertThat(disk.bestLink()).isEqualTo("disk/by-id/wwn-0x5000c500a1b2c300");
    assertThat(disk.byPath()).isEqualTo("disk/by-path/pci-0000:00:06.0-scsi-0:0:0:0");
    assertThat(disk.serial()).isEqualTo("OLDDISK");
    assertThat(disk.contents())
        .extracting(Facts.Content::name)
        .containsExactly("sda1", "sda2", "sda3", "vg0-lv0");
    assertThat(disk.contents())
        .extracting(Facts.Content::type)
        .containsExactly("part", "part", "part", "lvm");
    assertThat(disk.contents().get(1).partitionLabel()).isEqualTo("root of $(reboot)");
    assertThat(disk.contents().get(1).fileSystem()).isEqualTo("ext4");
    assertThat(disk.contents().get(2).fileSystem()).isEqualTo("LVM2_member");
    assertThat(disk.contents().get(3).mountPoint()).isEqualTo("/mnt/o");
    assertThat(disk.tableUuid()).isEqualTo("a168b20a-160f-4edf-a94a-4e1eddb8581f");
    assertThat(disk.contents()).extracting(Facts.Content::number).containsExactly(1, 2, 3, null);
    assertThat(disk.contents())
        .extracting(Facts.Content::startBytes)
        .containsExactly(1L << 20, 101L << 20, 401L << 20, null);
    assertThat(disk.contents().get(1).fileSystemId()).isNotNull();
  }

  @Test
  void theRecordedUefiMachineIsRead() {
    FactsParser.Parsed parsed = TestParsing.parsed(TestParsing.recorded("qemu-uefi"));
    assertThat(parsed.warnings()).isEmpty();
    assertThat(parsed.facts().agent().firmware()).isEqualTo(Facts.Firmware.UEFI);
    assertThat(parsed.facts().nics().getFirst().parentBus()).isEqualTo("virtio");
    assertThat(parsed.facts().disks()).hasSize(4);
  }

  @Test
  void aDocumentWithoutAnyToolGivesEmptyFacts() {
    FactsParser.Parsed parsed = TestParsing.parsed(bytes("{}"));
    assertThat(parsed.facts().disks()).isEmpty();
    assertThat(parsed.facts().nics()).isEmpty();
    assertThat(parsed.facts().memoryBytes()).isZero();
    assertThat(parsed.facts().cpu()).isEqualTo(new Facts.Cpu(null, "unknown", 0, 0));
    assertThat(parsed.warnings()).isNotEmpty();
  }

  @Test
  void whatHasAWrongTypeIsLeftOutWithAWarningThatNamesIt() {
    FactsParser.Parsed parsed =
        TestParsing.parsed(
            bytes(
                """
                {"version":"1","agent":[],"ssh":{"hostKeys":{"a":1}},"raw":{
                 "lsblk":{"blockdevices":[7,{"name":["sda"],"type":"disk"},
                   {"name":"sdb","type":"disk","size":{},"rota":"maybe","children":"none"}]},
                 "udev":{"sdb":[]},"ip":{},"lscpu":7,"dmidecode":{},"lshw":"no"}}\
                """));
    assertThat(parsed.facts().disks()).extracting(Facts.Disk::id).containsExactly("sdb");
    assertThat(parsed.warnings())
        .anyMatch(w -> w.startsWith("$.agent: "))
        .anyMatch(w -> w.startsWith("$.raw.lsblk.blockdevices[0]: "))
        .anyMatch(w -> w.startsWith("$.raw.lsblk.blockdevices[2].size: "))
        .anyMatch(w -> w.startsWith("$.raw.ip: "))
        .anyMatch(w -> w.startsWith("$.raw.dmidecode: "));
  }

  @Test
  void hostileTextStaysTextWithoutControlCharactersAndWithAnEnd() {
    Facts facts =
        TestParsing.facts(
            """
            {"version":1,"agent":{"firmware":"bios"},"raw":{
             "lsblk":{"blockdevices":[
               {"name":"sda","type":"disk","model":"$(reboot) '\\"{{ 7*7 }}\\u0000\\n\\u001b[2J",
                "serial":"%s"},
               {"name":"sdb; rm -rf /","type":"disk"},
               {"name":"../../etc","type":"disk"}]},
             "udev":{"sda":{"DEVLINKS":"/dev/disk/by-id/wwn-$(reboot) /dev/disk/by-id/../../x /dev/disk/by-id/ata-ok"}}}}\
            """
                .formatted("x".repeat(5000)));
    assertThat(facts.disks()).hasSize(1);
    Facts.Disk disk = facts.disks().getFirst();
    assertThat(disk.model()).isEqualTo("$(reboot) '\"{{ 7*7 }}\uFFFD\uFFFD\uFFFD[2J");
    assertThat(disk.serial()).hasSize(256);
    assertThat(disk.links()).containsExactly("disk/by-id/ata-ok");
  }

  @Test
  void aHostKeyThatIsNoneIsLeftOutAndCommentsAreDropped() {
    Facts facts =
        TestParsing.facts(
            """
            {"ssh":{"hostKeys":["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== root@x",
              "ssh-rsa $(reboot)", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAA\\nssh-rsa BBBB", 7]}}\
            """);
    assertThat(facts.sshHostKeys())
        .containsExactly(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAA");
  }

  @Test
  void everyTruncationOfADocumentIsANamedError() {
    byte[] whole =
        bytes("{\"version\":1,\"raw\":{\"ip\":[{\"a\":\"größe\",\"b\":-1.5e3,\"c\":null}]}}");
    for (int length = 0; length < whole.length; length++) {
      assertThat(malformed(Arrays.copyOf(whole, length)).error())
          .as("%d bytes", length)
          .isIn(
              InventoryError.DOCUMENT_TRUNCATED,
              InventoryError.DOCUMENT_NOT_UTF8); // Cut inside a character.
    }
    byte[] recorded = TestParsing.recorded("qemu-bios");
    assertThat(malformed(Arrays.copyOf(recorded, recorded.length / 2)))
        .satisfies(m -> assertThat(m.error()).isEqualTo(InventoryError.DOCUMENT_TRUNCATED))
        .satisfies(m -> assertThat(m.reason()).contains("offset"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello", "{\"a\":1} {", "{\"a\":NaN}", "{'a':1}", "{\"a\":1,}", "<html>"})
  void whatIsNotJsonIsANamedError(String text) {
    assertThat(malformed(bytes(text)).error())
        .isIn(InventoryError.DOCUMENT_NOT_JSON, InventoryError.DOCUMENT_TRUNCATED);
  }

  @Test
  void anotherKindOrVersionIsANamedError() {
    for (String text : List.of("[]", "7", "null", "\"x\"", "{\"version\":2}", "{\"version\":0}")) {
      assertThat(malformed(bytes(text)).error())
          .as(text)
          .isEqualTo(InventoryError.DOCUMENT_UNKNOWN);
    }
  }

  @Test
  void bytesThatAreNotUtf8AreANamedErrorWithTheirOffset() {
    byte[] document = bytes("{\"raw\":{\"dmidecode\":\"x\"}}");
    document[21] = (byte) 0xff;
    assertThat(malformed(document).error()).isEqualTo(InventoryError.DOCUMENT_NOT_UTF8);
    assertThat(malformed(document).reason()).contains("offset 21");
    assertThat(malformed("{}".getBytes(StandardCharsets.UTF_16BE)).error())
        .isEqualTo(InventoryError.DOCUMENT_NOT_JSON);
  }

  @Test
  void aDocumentAtTheSizeLimitIsReadOneByteMoreIsNot() {
    byte[] document = new byte[FactsParser.MAX_DOCUMENT_BYTES + 1];
    Arrays.fill(document, (byte) ' ');
    document[0] = '{';
    document[1] = '}';
    assertThat(malformed(document).error()).isEqualTo(InventoryError.DOCUMENT_TOO_LARGE);
    assertThat(new FactsParser().parse(Arrays.copyOf(document, document.length - 1)))
        .isInstanceOf(FactsParser.Parsed.class);
  }

  @Test
  void nestingAtTheLimitIsReadOneLevelMoreIsNot() {
    assertThat(new FactsParser().parse(nested(FactsParser.MAX_DEPTH - 1)))
        .isInstanceOf(FactsParser.Parsed.class);
    assertThat(malformed(nested(FactsParser.MAX_DEPTH)).error())
        .isEqualTo(InventoryError.DOCUMENT_OVER_LIMIT);
    assertThat(malformed(bytes("[".repeat(1_000_000))).error())
        .isEqualTo(InventoryError.DOCUMENT_OVER_LIMIT);
  }

  private static byte[] nested(int arrays) {
    return bytes("{\"x\":" + "[".repeat(arrays) + "]".repeat(arrays) + "}");
  }

  @Test
  void tooManyValuesOrTooLongANumberIsANamedError() {
    String many = "{},".repeat(FactsParser.MAX_TOKENS / 2);
    assertThat(malformed(bytes("{\"x\":[" + many + "1]}")).error())
        .isEqualTo(InventoryError.DOCUMENT_OVER_LIMIT);
    assertThat(malformed(bytes("{\"x\":" + "9".repeat(200) + "}")).error())
        .isEqualTo(InventoryError.DOCUMENT_OVER_LIMIT);
  }

  @Test
  void aRecordedDocumentWithAnyByteChangedNeverThrows() {
    var random = new Random(42);
    byte[] recorded = TestParsing.recorded("qemu-uefi");
    var parser = new FactsParser();
    for (int i = 0; i < 400; i++) {
      byte[] broken = recorded.clone();
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
      }
      assertThat(parser.parse(broken)).isNotNull();
    }
  }
}
