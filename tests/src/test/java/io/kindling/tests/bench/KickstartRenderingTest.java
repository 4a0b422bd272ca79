package io.kindling.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.Facts.Firmware;
import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.Expand;
import io.kindling.ksgen.LayoutRequest;
import io.kindling.ksgen.Layouter;
import io.kindling.ksgen.kickstart.Kickstart;
import io.kindling.ksgen.kickstart.KickstartRequest;
import io.kindling.ksgen.kickstart.KickstartRequest.Locale;
import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.Release;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// How many kickstarts one core renders in a second, each for a node of its own with eight disks,
/// from its facts on: layout, expansion, partition script, kickstart. Target: 300.
@Tag("full")
class KickstartRenderingTest {

  private static final int WARM_UP = 500;
  private static final int MEASURED = 2000;

  @Test
  void kickstartsPerSecondOnOneCore() {
    long bytes = 0;
    for (int i = 0; i < WARM_UP; i++) {
      bytes += render(i).length();
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long begin = System.nanoTime();
    long cpu = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < MEASURED; i++) {
      bytes += render(i).length();
    }
    // The core's time, not the clock's: another process on it is none of ours.
    double seconds = (threads.getCurrentThreadCpuTime() - cpu) / 1e9;
    System.out.printf(
        "kickstarts/s on one core: %.0f (%d in %.2f s of it, %.2f s by the clock, %d KiB each)%n",
        MEASURED / seconds,
        MEASURED,
        seconds,
        (System.nanoTime() - begin) / 1e9,
        bytes / (WARM_UP + MEASURED) / 1024);
    assertThat(bytes).isPositive();
  }

  private static String render(int number) {
    UUID node = new UUID(0x4000, 0x8000_0000_0000_0000L + number);
    List<Facts.Disk> disks =
        IntStream.range(0, 8).mapToObj(i -> disk("sd" + (char) ('a' + i), number)).toList();
    Facts facts =
        new Facts(
            new Facts.Agent("1.0", Firmware.UEFI, false, "52:54:00:00:00:01"),
            new Facts.SystemInfo("QEMU", "Standard PC", null, null, null),
            new Facts.Cpu("cpu", "x86_64", 1, 2),
            64L << 30,
            disks,
            List.of(),
            List.of());
    var request = new LayoutRequest(node, 1, facts, Set.of(Role.CEPH_OSD), List.of());
    DiskPlan plan = Expand.expand(Layouter.layout(request), node, 1, facts);
    return Kickstart.render(
        new KickstartRequest(
            Release.ROCKY_9,
            plan,
            Firmware.UEFI,
            new KickstartRequest.Appliance(
                "http://10.20.0.1/releases/rocky-9.4",
                List.of(new KickstartRequest.Repository("BaseOS", "BaseOS")),
                "http://10.20.0.1/agent/v1",
                "token"),
            new KickstartRequest.Host(
                "node-" + number,
                "rack1.example",
                List.of("10.20.0.1"),
                List.of("10.20.0.1"),
                "kindling",
                "ssh-ed25519 AAAA kindling",
                Locale.STANDARD,
                List.of("console=tty0"),
                List.of()),
            List.of(
                new Nic("nic0", "52:54:00:00:00:01", null, new Address("10.20.0.10/24", null)))));
  }

  private static Facts.Disk disk(String name, int number) {
    String link = "disk/by-id/wwn-0x5000c500%08x%s".formatted(number, name);
    return new Facts.Disk(
        name,
        link.substring("disk/by-id/".length()),
        link,
        List.of(link, "disk/by-path/pci-0000:00:1f.2-ata-" + name),
        "disk/by-path/pci-0000:00:1f.2-ata-" + name,
        "ST4000NM",
        "serial-" + number + name,
        "0x5000c500",
        4L << 40,
        512,
        4096,
        Facts.Media.HDD,
        "sata",
        false,
        false,
        null,
        null,
        List.of());
  }
}
