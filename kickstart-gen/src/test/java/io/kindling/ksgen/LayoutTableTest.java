package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LayoutTableTest {

  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-000000000001");

  @Test
  void showsBarsLossesAndUntouchedDisksAndHarmlessText() {
    Facts.Disk plain = Machines.disk("sda", 20480);
    var hostile =
        new Facts.Disk(
            "sda",
            plain.id(),
            plain.bestLink(),
            plain.links(),
            plain.byPath(),
            "Evil\u001b[2J\u202eDISK\n",
            "s",
            null,
            plain.sizeBytes(),
            512,
            512,
            Facts.Media.SSD,
            "sata",
            false,
            false,
            "gpt",
            null,
            List.of(
                new Facts.Content(
                    "sda1",
                    "part",
                    1,
                    1L << 20,
                    500L << 20,
                    null,
                    "my\rdata",
                    null,
                    "ext4",
                    null,
                    "/srv")));
    Facts facts = Machines.of(hostile, Machines.disk("sdb", 10240));
    var request = new LayoutRequest(NODE, 1, facts, Set.of(Role.BASE), List.of());
    DiskPlan plan = Expand.expand(Layouter.layout(request), NODE, 1, facts);
    String table = LayoutTable.render(plan, facts);
    assertThat(table)
        .contains("Evil\\u{1b}[2J\\u{202e}DISK\\u{a}  ssd  20480 MiB (20.0 GiB)")
        .contains("lost: sda1 part ext4 my\\u{d}data /srv, 500 MiB")
        .contains("#] kindling-os-1".replace("#]", "]"))
        .contains("root")
        .contains("untouched")
        .doesNotContain("\u001b")
        .doesNotContain("\u202e")
        .doesNotContain("\r");
  }
}
