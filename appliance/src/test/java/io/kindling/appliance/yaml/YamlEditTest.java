package io.kindling.appliance.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class YamlEditTest {
  private static final String FILE =
      """
      # the rack in the corner
      name: rack1
      storage: { replicas: 3 }   # as asked for
      nodes:
        # the first one
        - match: { mac: "52:54:00:00:00:01" }   # left
          name: node-1
          roles: [controller, ceph-mon]
        # all others
        - match: { label: storage }  # many
          roles: [ceph-osd]
          disks:
            - { media: nvme, count: 1, use: { cephjournal: all } }
            - { id: "wwn-1", keep: true }
      """;

  @Test
  void aPresentValueIsReplacedAndEveryCommentStays() {
    String changed = YamlEdit.set(FILE, List.of("base"), List.of("nodes", 0, "roles"));
    assertThat(changed).isEqualTo(FILE.replace("[controller, ceph-mon]", "[base]"));
  }

  @Test
  void aBlockListIsReplacedByOneLine() {
    String changed =
        YamlEdit.set(
            FILE, List.of(Map.of("id", "wwn-0x5", "keep", true)), List.of("nodes", 1, "disks"));
    assertThat(changed).contains("# many\n", "    roles: [ceph-osd]\n    disks:\n      [{ ");
    assertThat(YamlEdit.read(changed, List.of("nodes", 1, "disks", 0, "id"))).isEqualTo("wwn-0x5");
    assertThat(changed).doesNotContain("nvme");
  }

  @Test
  void aNewKeyStandsBehindTheOthersOfItsMapping() {
    assertThat(YamlEdit.set(FILE, List.of(), List.of("nodes", 0, "disks")))
        .contains("    roles: [controller, ceph-mon]\n    disks: []\n  # all others");
    assertThat(YamlEdit.set(FILE, "file", List.of("storage", "images")))
        .contains("storage: { replicas: 3, images: file }   # as asked for");
    assertThat(YamlEdit.set(FILE, "rack1.example", List.of("domain")))
        .endsWith("keep: true }\ndomain: rack1.example\n");
    assertThat(YamlEdit.set("", "rack1", List.of("name"))).isEqualTo("name: rack1\n");
    assertThat(YamlEdit.set("storage:\nname: x\n", 2, List.of("name")))
        .isEqualTo("storage:\nname: 2\n");
  }

  @Test
  void anEntryIsPutBeforeAllOthers() {
    assertThat(YamlEdit.insertFirst(FILE, Map.of("roles", List.of("base")), List.of("nodes")))
        .contains("  # the first one\n  - { roles: [base] }\n  - match: { mac:");
    assertThat(YamlEdit.insertFirst("nodes: []\n", "a b", List.of("nodes")))
        .isEqualTo("nodes:\n  - \"a b\"\n");
    assertThat(YamlEdit.insertFirst("nodes: [x]\n", 7, List.of("nodes")))
        .isEqualTo("nodes: [7, x]\n");
    assertThat(YamlEdit.insertFirst("nodes:\n- x\n", 7, List.of("nodes")))
        .isEqualTo("nodes:\n- 7\n- x\n");
  }

  @Test
  void anEntryGoesWithItsLinesAndNoOthers() {
    assertThat(YamlEdit.remove(FILE, List.of("nodes"), 0))
        .contains("nodes:\n  # the first one\n  # all others\n  - match: { label")
        .doesNotContain("node-1");
    assertThat(YamlEdit.remove("nodes:\n  - x\nname: y\n", List.of("nodes"), 0))
        .isEqualTo("nodes: []\nname: y\n");
    assertThat(YamlEdit.remove("nodes: [x, 'z', 3]\n", List.of("nodes"), 0))
        .isEqualTo("nodes: [z, 3]\n");
  }

  @Test
  void whatCannotBeChangedInPlaceIsWrittenAnewAndSaysTheSame() {
    String shared = "a: &x [1, 2]\nnodes: *x\n";
    String changed = YamlEdit.insertFirst(shared, 0, List.of("nodes"));
    assertThat(YamlEdit.read(changed, List.of("nodes"))).isEqualTo(List.of(0, 1, 2));
    assertThat(YamlEdit.read(changed, List.of("a"))).isEqualTo(List.of(1, 2));
  }

  @Test
  void valuesNeverBecomeYaml() {
    for (String hostile :
        List.of(
            "x }, evil: [",
            "# no comment",
            "a: b",
            "yes",
            "null",
            "1",
            "\"; '",
            "tab\there\nline",
            "\u2028 \u0085 \ufeff",
            "&a *a !t",
            "rücken",
            "😀")) {
      String changed = YamlEdit.set(FILE, Map.of(hostile, hostile), List.of("nodes", 1, "disks"));
      assertThat(YamlEdit.read(changed, List.of("nodes", 1, "disks", hostile))).isEqualTo(hostile);
      assertThat(changed).contains("# many").contains("# the rack in the corner");
      assertThat(YamlEdit.set("# 😀 x\nname: a # b\n", hostile, List.of("name"))).contains("# b");
    }
  }
}
