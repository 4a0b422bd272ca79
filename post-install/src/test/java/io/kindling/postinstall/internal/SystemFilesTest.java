package io.kindling.postinstall.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.Plans;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SystemFilesTest {

  private final Map<String, String> files = SystemFiles.node(Plans.plan());

  @Test
  void anInterfaceIsFoundByItsPermanentAddressAndIsStatic() {
    assertThat(files.get("/etc/systemd/network/10-nic0.network").lines().skip(1))
        .containsExactly(
            "[Match]",
            "PermanentMACAddress=52:54:00:00:00:01",
            "",
            "[Link]",
            "RequiredForOnline=yes",
            "MTUBytes=9000", // as wide as its widest VLAN
            "",
            "[Network]",
            "DHCP=no",
            "IPv6AcceptRA=no",
            "Address=10.20.0.10/24",
            "Gateway=10.20.0.1",
            "VLAN=vlan101",
            "VLAN=vlan102");
  }

  @Test
  void anInterfaceWithoutAddressIsUpButNotWaitedFor() {
    assertThat(files.get("/etc/systemd/network/10-nic1.network"))
        .contains("RequiredForOnline=no", "LinkLocalAddressing=no")
        .doesNotContain("Address=10", "MTUBytes");
  }

  @Test
  void aVlanHasItsDeviceAndItsAddress() {
    assertThat(files.get("/etc/systemd/network/20-vlan101.netdev"))
        .contains("Name=vlan101\nKind=vlan\nMTUBytes=9000\n\n[VLAN]\nId=101\n");
    assertThat(files.get("/etc/systemd/network/20-vlan102.network"))
        .contains("[Match]\nName=vlan102\n", "Address=10.22.0.10/24\n")
        .doesNotContain("MTUBytes", "Gateway");
  }

  @Test
  void theNodeKnowsItsNameTimeAndResolver() {
    assertThat(files.get("/etc/hostname")).isEqualTo("node-1\n");
    assertThat(files.get("/etc/hosts")).contains("10.20.0.10 node-1.rack1.example node-1\n");
    assertThat(files.get("/etc/resolv.conf"))
        .contains("search rack1.example\nnameserver 10.20.0.1\n");
    assertThat(files.get("/etc/chrony/sources.d/kindling.sources"))
        .contains("server 10.20.0.1 iburst\n");
  }

  @Test
  void packagesComeFromTheApplianceAloneWhereItHasThem() {
    assertThat(files).doesNotContainKey("/etc/apt/sources.list.d/kindling.list");
    InstallPlan plain = Plans.plan();
    InstallPlan.HostSettings s = plain.system();
    String key =
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEaSW=\n-----END PGP PUBLIC KEY BLOCK-----\n";
    var system =
        new InstallPlan.HostSettings(
            s.hostName(),
            s.domain(),
            s.firmware(),
            s.network(),
            s.address(),
            s.dns(),
            s.ntpServers(),
            s.adminUser(),
            s.adminPublicKey(),
            s.consoles(),
            new InstallPlan.PackageSource("http://10.20.0.1/mirror", "trixie", key));
    var plan =
        new InstallPlan(
            plain.node(),
            plain.attempt(),
            plain.bootstrap(),
            plain.disks(),
            plain.script(),
            plain.image(),
            system,
            plain.entry());
    Values.check(plan);
    assertThat(SystemFiles.node(plan))
        .containsEntry("/etc/apt/keyrings/kindling.asc", key)
        .hasEntrySatisfying(
            "/etc/apt/sources.list.d/kindling.list",
            list ->
                assertThat(list.lines().filter(l -> !l.startsWith("#")))
                    .containsExactly(
                        "deb [signed-by=/etc/apt/keyrings/kindling.asc]"
                            + " http://10.20.0.1/mirror trixie main"));
  }

  @Test
  void nobodyLogsInAsRootOrByPassword() {
    assertThat(files.get("/etc/ssh/sshd_config.d/00-kindling.conf"))
        .contains(
            "PermitRootLogin no\n",
            "PasswordAuthentication no\n",
            "KbdInteractiveAuthentication no\n");
  }

  @Test
  void fstabNamesFileSystemsByTheirIdsParentsFirst() {
    assertThat(SystemFiles.fstab(Plans.disks()).lines().skip(1))
        .containsExactly(
            "UUID=" + Plans.id(30) + " / ext4 errors=remount-ro 0 1",
            "UUID=" + Plans.id(3) + " /boot ext4 defaults,x-systemd.device-timeout=10min 0 2",
            "UUID=1A2B-3C4D /boot/efi vfat umask=0077,nofail,x-systemd.device-timeout=10min 0 2",
            "UUID=" + Plans.id(31) + " none swap sw,x-systemd.device-timeout=10min 0 0");
  }

  @Test
  void grubSpeaksOnTheSerialConsoleWhereThereIsOne() {
    assertThat(SystemFiles.grubDefaults(List.of("tty0", "ttyS1,57600n8")))
        .contains(
            "GRUB_CMDLINE_LINUX=\"console=tty0 console=ttyS1,57600n8\"\n",
            "GRUB_TERMINAL=\"console serial\"\n",
            "GRUB_SERIAL_COMMAND=\"serial --unit=1 --speed=57600\"\n");
    assertThat(SystemFiles.grubDefaults(List.of())).doesNotContain("serial");
  }

  @Test
  void arraysKeepTheirNames() {
    assertThat(SystemFiles.mdadmId(UUID.fromString("01234567-89ab-cdef-0123-456789abcdef")))
        .isEqualTo("01234567:89abcdef:01234567:89abcdef");
    assertThat(SystemFiles.mdadm(Plans.mirrored()))
        .contains(
            "HOMEHOST <ignore>\n",
            "ARRAY /dev/md/boot metadata=1.0 UUID=" + SystemFiles.mdadmId(Plans.id(41)) + "\n",
            "ARRAY /dev/md/os metadata=1.2 UUID=");
    assertThat(SystemFiles.mdadm(Plans.disks())).doesNotContain("ARRAY");
  }
}
