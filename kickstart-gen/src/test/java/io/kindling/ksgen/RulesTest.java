package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.inventory.facts.Facts.Media;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {

  @Test
  void anIdMayHoldColonsAndEqualsSigns() {
    assertThat(DiskOverride.parse("pci-0000:00:1f.2-ata=1=ceph:all"))
        .isEqualTo(new DiskOverride("pci-0000:00:1f.2-ata=1", "ceph", VolumeSize.ALL));
    assertThat(DiskOverride.parse("sda=os:20000").size()).isEqualTo(new VolumeSize.Mib(20000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sda",
        "sda=ceph",
        "=ceph:all",
        "sda=:all",
        "sda=ceph:",
        "sda=ceph:0",
        "sda=ceph:-5",
        "sda=ceph:10G",
        "sda=ceph:99999999999999999999"
      })
  void anOverrideThatIsNoneIsRefused(String text) {
    assertThat(catchThrowableOfType(LayoutException.class, () -> DiskOverride.parse(text)))
        .extracting(LayoutException::error)
        .isEqualTo(LayoutError.BAD_RULE);
  }

  @Test
  void anEntryOfTheClusterFileIsRead() {
    DiskRule rule =
        DiskRule.of(
            Map.of("media", "nvme", "count", 1, "use", Map.of("cephjournal", "all"), "spare", 2));
    assertThat(rule.selector().media()).isEqualTo(Media.NVME);
    assertThat(rule.use()).containsExactly(Map.entry("cephjournal", VolumeSize.ALL));
    assertThat(rule.spare()).isEqualTo(2);
    assertThat(DiskRule.of(Map.of("slot", List.of(0, 1), "use", Map.of("ceph", 5000))).use())
        .containsEntry("ceph", new VolumeSize.Mib(5000));
  }

  @Test
  void anEntryWithUnknownKeysOrWrongValuesIsRefused() {
    for (Map<String, ?> entry :
        List.<Map<String, ?>>of(
            Map.of("id", "sda"),
            Map.of("use", Map.of("ceph", "all")),
            Map.of("id", "sda", "use", Map.of("ceph", "all"), "oops", 1),
            Map.of("id", 5, "keep", true),
            Map.of("media", "tape", "keep", true),
            Map.of("count", 0, "use", Map.of("ceph", "all")),
            Map.of("id", "sda", "use", Map.of("ceph", 1.5)),
            Map.of("id", "sda", "use", Map.of("ceph", "all"), "spare", 1),
            Map.of("size", "big", "keep", true))) {
      assertThat(catchThrowableOfType(LayoutException.class, () -> DiskRule.of(entry)))
          .as("%s", entry)
          .isNotNull()
          .extracting(LayoutException::error)
          .isEqualTo(LayoutError.BAD_RULE);
    }
  }

  @Test
  void onlyTheSystemIsMirrored() {
    assertThat(DiskRule.of(Map.of("slot", List.of(0, 1), "use", Map.of("os", "mirror"))).use())
        .containsEntry("os", VolumeSize.MIRROR);
    assertThat(
            catchThrowableOfType(
                LayoutException.class,
                () -> DiskRule.of(Map.of("slot", 0, "use", Map.of("ceph", "mirror")))))
        .extracting(LayoutException::error)
        .isEqualTo(LayoutError.BAD_RULE);
  }

  @Test
  void disksAndVolumesAreKept() {
    assertThat(DiskOverride.parse("pci-0000:00:1f.2-ata-1=keep").rule())
        .isEqualTo(
            new DiskRule(
                DiskRule.Selector.ofId("pci-0000:00:1f.2-ata-1"), Map.of(), true, List.of(), 0));
    assertThat(DiskOverride.parse("sdb=ceph:keep").rule().keepVolumes()).containsExactly("ceph");
    assertThat(DiskRule.of(Map.of("id", "sdb", "keep", List.of("ceph", "my data"))).keepVolumes())
        .containsExactly("ceph", "my data");
    for (Object wrong : List.of(1, List.of(1), Map.of())) {
      assertThat(
              catchThrowableOfType(
                  LayoutException.class, () -> DiskRule.of(Map.of("id", "sdb", "keep", wrong))))
          .isNotNull()
          .extracting(LayoutException::error)
          .isEqualTo(LayoutError.BAD_RULE);
    }
  }

  @Test
  void sizesOfDisksAreReadAsDrivesAreSold() {
    assertThat(SizeRange.parse("480GB").holds(480_103_981_056L)).isTrue();
    assertThat(SizeRange.parse("480GB").holds(500_107_862_016L)).isFalse();
    assertThat(SizeRange.parse(">=1TB").holds(1_000_204_886_016L)).isTrue();
    assertThat(SizeRange.parse("<=10 GiB").holds(10L << 30)).isTrue();
    assertThat(SizeRange.parse("<=10 GiB").holds((10L << 30) + 1)).isFalse();
    assertThat(SizeRange.parse("1TB-4TB").holds(2_000_398_934_016L)).isTrue();
  }
}
