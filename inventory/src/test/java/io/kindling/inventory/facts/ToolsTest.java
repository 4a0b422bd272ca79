package io.kindling.inventory.facts;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.TestParsing;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each tool's output in its odder shapes.
class ToolsTest {
  private static List<Facts.Disk> disks(String devices, String udev) {
    return TestParsing.facts(
            "{\"raw\":{\"lsblk\":{\"blockdevices\":[%s]},\"udev\":{%s}}}".formatted(devices, udev))
        .disks();
  }

  private static Facts.Disk disk(String device) {
    return disks(device, "").getFirst();
  }

  private static Facts.Nic nic(String link) {
    return TestParsing.facts("{\"raw\":{\"ip\":[%s]}}".formatted(link)).nics().getFirst();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "loop0",
        "ram0",
        "zram0",
        "fd0",
        "sr0",
        "md127",
        "dm-0",
        "nbd0",
        "rbd0",
        "bcache0",
        "mmcblk0boot0",
        "mmcblk0rpmb",
        "mtdblock0"
      })
  void whatIsNoDriveIsLeftOutAlsoWhereLsblkCallsItADisk(String name) {
    assertThat(disks("{\"name\":\"%s\",\"type\":\"disk\",\"size\":9}".formatted(name), ""))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "sda,unknown,HDD",
    "vda,virtio,HDD",
    "nvme0n1,nvme,NVME",
    "mmcblk0,mmc,HDD",
    "cciss/c0d0,cciss,HDD",
    "cciss!c0d0,cciss,HDD",
    "xvda,unknown,HDD",
    "pmem0,unknown,HDD"
  })
  void drivesOfAllNamesAreRead(String name, String bus, Facts.Media media) {
    Facts.Disk disk = disk("{\"name\":\"%s\",\"type\":\"disk\",\"size\":9}".formatted(name));
    assertThat(disk.name()).isEqualTo(name);
    assertThat(disk.bus()).isEqualTo(bus);
    assertThat(disk.media()).isEqualTo(media);
    assertThat(disk.bestLink()).isEqualTo(name.replace('!', '/')); // relative to /dev
  }

  @Test
  void aDeadDriveIsKeptWithSizeZero() {
    assertThat(disk("{\"name\":\"sda\",\"type\":\"disk\",\"size\":0}").sizeBytes()).isZero();
    assertThat(disk("{\"name\":\"sda\",\"type\":\"disk\",\"size\":null}").sizeBytes()).isZero();
  }

  @Test
  void aRemovableRaidVolumeAndAUsbDriveAreKept() {
    assertThat(disk("{\"name\":\"sda\",\"type\":\"disk\",\"rm\":true,\"tran\":\"sas\"}"))
        .matches(Facts.Disk::removable)
        .matches(d -> d.bus().equals("sas"));
    assertThat(disk("{\"name\":\"sdb\",\"type\":\"disk\",\"tran\":\"usb\"}").bus())
        .isEqualTo("usb");
  }

  @Test
  void numbersAndFlagsAsTextAreReadAsOldLsblkPrintsThem() {
    Facts.Disk disk =
        disk(
            """
            {"name":"sda","type":"disk","size":"4000787030016","rota":"0","rm":"0","ro":"1",
             "log-sec":"512","phy-sec":"4096"}\
            """);
    assertThat(disk.sizeBytes()).isEqualTo(4_000_787_030_016L);
    assertThat(disk.media()).isEqualTo(Facts.Media.SSD);
    assertThat(disk.readOnly()).isTrue();
    assertThat(disk.physicalSectorBytes()).isEqualTo(4096);
  }

  @ParameterizedTest
  @CsvSource({
    "/dev/disk/by-id/ata-X /dev/disk/by-id/wwn-0x5 /dev/disk/by-path/p,wwn-0x5",
    "/dev/disk/by-path/p /dev/disk/by-id/nvme-M_S /dev/disk/by-id/nvme-eui.01,nvme-eui.01",
    "/dev/disk/by-path/p /dev/disk/by-id/ata-X,ata-X",
    "/dev/disk/by-path/p /dev/disk/by-uuid/u,p",
    "/dev/disk/by-diskseq/1 /dev/disk/by-id/lvm-pv-uuid-x,sda",
    "'',sda"
  })
  void theIdIsTheLastPartOfTheBestLink(String links, String id) {
    assertThat(
            disks(
                    "{\"name\":\"sda\",\"type\":\"disk\"}",
                    "\"sda\":{\"DEVLINKS\":\"" + links + "\"}")
                .getFirst()
                .id())
        .isEqualTo(id);
  }

  @Test
  void withoutUdevLsblksOwnFieldsServe() {
    Facts.Disk disk =
        disk(
            """
            {"name":"sda","type":"disk","wwn":"0x5000c500a1b2c3d4","serial":" S ","model":"M  ",
             "id-link":"wwn-0x5000c500a1b2c3d4"}\
            """);
    assertThat(disk.id()).isEqualTo("wwn-0x5000c500a1b2c3d4");
    assertThat(disk.serial()).isEqualTo("S");
    assertThat(disk.model()).isEqualTo("M");
  }

  @Test
  void withoutLsblksFieldsUdevsServe() {
    Facts.Disk disk =
        disks(
                "{\"name\":\"sda\",\"type\":\"disk\"}",
                """
                "sda":{"ID_MODEL":"ST4000_X","ID_SERIAL_SHORT":"S","ID_WWN":"0x5","ID_BUS":"ata",
                 "ID_ATA_ROTATION_RATE_RPM":"0","ID_PART_TABLE_TYPE":"dos"}\
                """)
            .getFirst();
    assertThat(disk.model()).isEqualTo("ST4000 X");
    assertThat(disk.serial()).isEqualTo("S");
    assertThat(disk.wwn()).isEqualTo("0x5");
    assertThat(disk.bus()).isEqualTo("ata");
    assertThat(disk.media()).isEqualTo(Facts.Media.SSD);
    assertThat(disk.tableType()).isEqualTo("dos");
  }

  @Test
  void thePathsOfAMultipathDriveAreOneDriveWithAllLinks() {
    String path =
        """
        {"name":"%s","type":"disk","size":9,"wwn":"0x6001","tran":"fc","children":[
          {"name":"mpatha","kname":"dm-0","type":"mpath","size":9,"children":[
            {"name":"mpatha-part1","kname":"dm-1","type":"part","size":8,"fstype":"xfs"}]}]}\
        """;
    List<Facts.Disk> disks =
        disks(
            path.formatted("sda")
                + ","
                + path.formatted("sdb")
                + ",{\"name\":\"sdc\",\"type\":\"disk\"}",
            """
            "sda":{"DEVLINKS":"/dev/disk/by-path/fc-1"},
            "sdb":{"DEVLINKS":"/dev/disk/by-path/fc-2 /dev/disk/by-id/wwn-0x6001"}\
            """);
    assertThat(disks).extracting(Facts.Disk::name).containsExactly("sda", "sdc");
    assertThat(disks.getFirst().id()).isEqualTo("wwn-0x6001");
    assertThat(disks.getFirst().links()).containsExactly("disk/by-id/wwn-0x6001");
    assertThat(disks.getFirst().byPath()).isEqualTo("disk/by-path/fc-1");
    assertThat(disks.getFirst().contents())
        .extracting(Facts.Content::name)
        .containsExactly("mpatha-part1");
  }

  @Test
  void twoPathsOfOneDriveWithoutAMapAreOneDrive() {
    String path =
        """
        {"name":"%s","type":"disk","size":9,"wwn":"0x6001","serial":"S1","tran":"sas"}\
        """;
    List<Facts.Disk> disks =
        disks(
            path.formatted("sda") + "," + path.formatted("sdb"),
            """
            "sda":{"DEVLINKS":"/dev/disk/by-path/sas-1"},
            "sdb":{"DEVLINKS":"/dev/disk/by-path/sas-2 /dev/disk/by-id/wwn-0x6001"}\
            """);
    assertThat(disks).extracting(Facts.Disk::id).containsExactly("wwn-0x6001");
    assertThat(disks.getFirst().links()).containsExactly("disk/by-id/wwn-0x6001");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0x0000000000000000", "0xffffffffffffffff", "naa.0", "0"})
  void aWwnOfZerosIsNobodysSoTwoDrivesStayTwo(String wwn) {
    String drive =
        """
        {"name":"%s","type":"disk","size":9,"wwn":"%s","serial":"000000","tran":"sas"}\
        """;
    assertThat(disks(drive.formatted("sda", wwn) + "," + drive.formatted("sdb", wwn), ""))
        .hasSize(2);
  }

  @Test
  void twoDrivesThatShareAWwnAreTwoWithOtherNames() {
    List<Facts.Disk> disks =
        disks(
            """
            {"name":"sda","type":"disk","wwn":"0x5"},{"name":"sdb","type":"disk","wwn":"0x5"}\
            """,
            """
            "sda":{"DEVLINKS":"/dev/disk/by-id/wwn-0x5 /dev/disk/by-id/ata-A"},
            "sdb":{"DEVLINKS":"/dev/disk/by-id/wwn-0x5 /dev/disk/by-id/ata-B"}\
            """);
    assertThat(disks).extracting(Facts.Disk::id).containsExactly("ata-A", "ata-B");
  }

  @Test
  void aFlatListIsReadAsATreeByItsParents() {
    List<Facts.Disk> disks =
        disks(
            """
            {"name":"sda","kname":"sda","pkname":null,"type":"disk"},
            {"name":"sda1","kname":"sda1","pkname":"sda","type":"part","partlabel":"kindling-os-1"},
            {"name":"vg-lv","kname":"dm-0","pkname":"sda1","type":"lvm"}\
            """,
            "");
    assertThat(disks).hasSize(1);
    assertThat(disks.getFirst().contents())
        .extracting(Facts.Content::name)
        .containsExactly("sda1", "vg-lv");
  }

  @Test
  void aFileSystemOnTheBareDriveIsContent() {
    assertThat(disk("{\"name\":\"sda\",\"type\":\"disk\",\"fstype\":\"xfs\"}").contents())
        .singleElement()
        .matches(c -> c.type().equals("disk") && "xfs".equals(c.fileSystem()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'parentbus':'pci','parentdev':'0000:01:00.0'|true",
        "'parentbus':'virtio','parentdev':'virtio0'|true",
        "'parentdev':'0000:01:00.0'|true",
        "'parentdev':'virtio3'|true",
        "'parentdev':'1-1:1.0'|false",
        "'parentbus':'usb','parentdev':'1-1:1.0'|false",
        "'mtu':1500|false",
        "'parentbus':'pci','linkinfo':{'info_kind':'bond'}|false",
        "'linkinfo':{'info_kind':'bridge'}|false",
        "'parentbus':'pci','linkinfo':{'info_slave_kind':'bond'}|true",
      })
  void onlyPciAndVirtioNicsIdentifyAMachine(String fields, boolean identifies) {
    assertThat(
            nic("{'ifname':'e','link_type':'ether','address':'52:54:00:00:00:01',%s}"
                    .formatted(fields)
                    .replace('\'', '"'))
                .identifies())
        .isEqualTo(identifies);
  }

  @Test
  void thePermanentAddressIdentifiesABondedNicNotTheSharedOne() {
    Facts.Nic nic =
        nic(
            """
            {"ifname":"e","link_type":"ether","address":"52:54:00:00:00:01",
             "permaddr":"52:54:00:00:00:0F","parentbus":"pci","mtu":9000,"operstate":"DOWN",
             "addr_info":[{"local":"10.0.0.1","prefixlen":24},{"local":"fe80::1","prefixlen":64},
               {"local":"$(x)","prefixlen":1}]}\
            """);
    assertThat(nic.mac()).isEqualTo("52:54:00:00:00:01");
    assertThat(nic.permanentMac()).isEqualTo("52:54:00:00:00:0f");
    assertThat(nic.linkUp()).isFalse();
    assertThat(nic.mtu()).isEqualTo(9000);
    assertThat(nic.addresses()).containsExactly("10.0.0.1/24", "fe80::1/64");
  }

  @Test
  void theBmcsOwnAddressAndAddressesOfNobodyIdentifyNothing() {
    Facts facts =
        TestParsing.facts(
            """
            {"raw":{"ipmi":"IP Address : 10.0.0.9\\nMAC Address             : AC:1F:6B:00:00:01\\n",
             "ip":[{},
              {"ifname":"a","link_type":"ether","address":"ac:1f:6b:00:00:01","parentbus":"pci"},
              {"ifname":"b","link_type":"ether","address":"00:00:00:00:00:00","parentbus":"pci"},
              {"ifname":"c","link_type":"ether","address":"01:00:5e:00:00:01","parentbus":"pci"},
              {"ifname":"ib0","link_type":"infiniband","address":"80:00:02:08:fe:80"}]}}\
            """);
    assertThat(facts.nics()).hasSize(3).noneMatch(Facts.Nic::identifies);
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.9, 10.0.0.9", "0.0.0.0, ", "10.0.0.256, ", "fe80::1, ", "10.0.0.9; reboot, "})
  void theBmcIsReachedAtTheAddressThatItHas(String printed, @Nullable String address) {
    String document =
        "{\"raw\":{\"ipmi\":\"Set in Progress : Set Complete\\nIP Address Source : DHCP \\n"
            + "IP Address              : %s\\nSubnet Mask             : 255.255.255.0\\n"
            + "Default Gateway IP      : 10.0.0.1\\n\"}}";
    assertThat(TestParsing.facts(document.formatted(printed)).bmcAddress()).isEqualTo(address);
  }

  @Test
  void memoryIsWhatTheBestToolTells() {
    String dmi =
        "\"dmidecode\":\"Handle 0x1100, DMI type 17, 40 bytes\\nMemory Device\\n\\tSize: 16 GB\\n"
            + "\\nHandle 0x1101, DMI type 17, 40 bytes\\nMemory Device\\n\\tSize: 16384 MB\\n"
            + "\\nHandle 0x1102, DMI type 17, 40 bytes\\nMemory Device\\n"
            + "\\tSize: No Module Installed\\n\\tNon-Volatile Size: None\\n\"";
    String lshw =
        """
        "lshw":[{"id":"host","class":"system","vendor":"V","product":"P","serial":"S",
          "configuration":{"uuid":"7F4E1A52-3C1B-4E0B-9A55-2B6F0E8D4C01"},
          "children":[{"id":"core","class":"bus","children":[
          {"id":"firmware","class":"memory","version":"F1"},
          {"id":"cache:0","class":"memory","size":1},
          {"id":"memory","class":"memory","size":8589934592}]}]}]\
        """;
    String meminfo = "\"meminfo\":\"MemTotal:        1024 kB\\nMemFree: 1 kB\\n\"";
    assertThat(memory(lshw)).isEqualTo(8L << 30);
    assertThat(memory(lshw + "," + dmi)).isEqualTo(32L << 30);
    assertThat(memory(lshw + "," + dmi + "," + meminfo)).isEqualTo(1L << 20);
    Facts.SystemInfo system = TestParsing.facts("{\"raw\":{" + lshw + "}}").system();
    assertThat(system)
        .isEqualTo(
            new Facts.SystemInfo("V", "P", "S", "7f4e1a52-3c1b-4e0b-9a55-2b6f0e8d4c01", "F1"));
  }

  private static long memory(String raw) {
    return TestParsing.facts("{\"raw\":{" + raw + "}}").memoryBytes();
  }

  @Test
  void whatAVendorDidNotFillInIsAbsent() {
    Facts.SystemInfo system =
        TestParsing.facts(
                """
                {"raw":{"dmidecode":"Handle 0x0001, DMI type 1, 27 bytes\\nSystem Information\\n\
                \\tManufacturer: To Be Filled By O.E.M.\\n\\tProduct Name: Default string\\n\
                \\tSerial Number: Not Specified\\n\\tUUID: Not Settable\\n"}}\
                """)
            .system();
    assertThat(system).isEqualTo(new Facts.SystemInfo(null, null, null, null, null));
  }

  @Test
  void lscpuIsReadFlatAndNested() {
    Facts.Cpu nested =
        TestParsing.facts(
                """
                {"raw":{"lscpu":{"lscpu":[{"field":"Architecture:","data":"x86_64"},
                 {"field":"CPU(s):","data":"128"},
                 {"field":"Vendor ID:","data":"AuthenticAMD","children":[
                  {"field":"Model name:","data":"AMD EPYC 7763","children":[
                   {"field":"Socket(s):","data":"2"}]}]}]}}}\
                """)
            .cpu();
    assertThat(nested).isEqualTo(new Facts.Cpu("AMD EPYC 7763", "x86_64", 2, 128));
  }
}
