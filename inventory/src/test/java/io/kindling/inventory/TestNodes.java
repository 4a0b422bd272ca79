package io.kindling.inventory;

import io.kindling.inventory.facts.Facts;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// Nodes and facts for tests.
public final class TestNodes {
  public static final Instant NOON = Instant.parse("2026-11-01T12:00:00.123456Z");

  private TestNodes() {}

  /// A discovered node with these addresses.
  public static Node node(String name, String... macs) {
    return new Node(
        UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
        name,
        Set.of("storage"),
        NodeState.DISCOVERED,
        null,
        null,
        Set.of(macs),
        macs.length == 0 ? null : macs[0],
        "7f4e1a52-3c1b-4e0b-9a55-2b6f0e8d4c01",
        null,
        facts(),
        NOON,
        NOON.plusSeconds(60),
        1);
  }

  /// One of everything.
  public static Facts facts() {
    return new Facts(
        new Facts.Agent(
            "1.0",
            Facts.Firmware.UEFI,
            true,
            "52:54:00:00:00:01",
            new Facts.Existing("0123456789abcdef0123456789abcdef", "host-1")),
        new Facts.SystemInfo("Vendor \"X\"", "$(reboot)", null, null, "1.2"),
        new Facts.Cpu("CPU {{ 7 }}", "x86_64", 2, 64),
        64L << 30,
        List.of(
            new Facts.Disk(
                "sda",
                "wwn-0x5000c500a1b2c3d4",
                "disk/by-id/wwn-0x5000c500a1b2c3d4",
                List.of("disk/by-id/wwn-0x5000c500a1b2c3d4", "disk/by-path/pci-0000:00:06.0-ata-1"),
                "disk/by-path/pci-0000:00:06.0-ata-1",
                "MODEL",
                "SERIAL",
                "0x5000c500a1b2c3d4",
                4_000_787_030_016L,
                512,
                4096,
                Facts.Media.HDD,
                "sata",
                false,
                false,
                "gpt",
                "8a34e4a5-7d54-4b1e-8d2a-0f5c7d9f1a11",
                List.of(
                    new Facts.Content(
                        "sda1",
                        "part",
                        1,
                        1L << 20,
                        1 << 20,
                        "0fc63daf-8483-4772-8e79-3d69d8477de4",
                        "größe 'x'",
                        null,
                        "ext4",
                        "0b1f-\"x\"",
                        "/")))),
        List.of(
            new Facts.Nic(
                "eth0",
                "52:54:00:00:00:01",
                "52:54:00:00:00:01",
                "pci",
                "0000:01:00.0",
                true,
                1500,
                List.of("10.20.0.10/24"),
                true,
                "0000:01:00.0",
                25_000,
                new Facts.Neighbour("leaf-1", "swp7"))),
        List.of("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBsYWNlaG9sZGVy"),
        "10.20.0.200",
        new Facts.Summary(
            2, 14, 64L << 30, 1, List.of(new Facts.Ailment(true, "sda: its \"own\" test"))));
  }
}
