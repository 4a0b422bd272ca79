package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class KsSpacesTest {

  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-000000000001");

  /// What Fuel 4.0 emitted for a two-drive ceph-osd node (reference: nailgun's volume manager).
  private static final String FUEL =
      """
      [{"id":"sda","name":"sda","type":"disk","size":953869,"free_space":953305,"volumes":[
         {"type":"boot","size":300},
         {"type":"raid","mount":"/boot","file_system":"ext2","name":"Boot","size":200},
         {"type":"lvm_meta_pool","size":0},
         {"type":"pv","vg":"os","size":59456,"lvm_meta_size":64},
         {"type":"partition","name":"cephjournal","mount":"none","file_system":"none",
          "partition_guid":"45b0969e-9b03-4f30-b4c6-b4b80ceff106","size":0},
         {"type":"partition","name":"ceph","mount":"none","file_system":"none","disk_label":null,
          "partition_guid":"4fbd7e29-9d25-41b8-afd0-062c0ceff05d","size":0}]},
       {"id":"os","type":"vg","label":"Base System","min_size":59392,"_allocate_size":"min",
        "volumes":[
         {"type":"lv","name":"root","mount":"/","size":51200,"file_system":"ext4"},
         {"type":"lv","name":"swap","mount":"swap","size":8192,"file_system":"swap"}]}]
      """;

  private static Object tree(String json) {
    return JsonMapper.builder().build().readValue(json, Object.class);
  }

  @Test
  void whatFuelEmittedReadsInAndComesOutTheSame() {
    KsSpaces spaces = KsSpaces.parse(FUEL);
    assertThat(tree(spaces.toJson())).isEqualTo(tree(FUEL));
    assertThat(KsSpaces.parse(spaces.toJson())).isEqualTo(spaces);
  }

  @Test
  void aFuelAllocationExpandsToPartitions() {
    Facts.Disk disk = Machines.disk("sda", 953869);
    var facts =
        Machines.of(
            new Facts.Disk(
                "sda",
                "sda",
                "sda",
                List.of(),
                null,
                null,
                null,
                null,
                disk.sizeBytes(),
                512,
                512,
                Facts.Media.HDD,
                "sata",
                false,
                false,
                null,
                null,
                List.of()));
    DiskPlan plan = Expand.expand(KsSpaces.parse(FUEL), NODE, 1, facts);
    assertThat(plan.disks().getFirst().partitions())
        .extracting(p -> p.startMib() + "+" + p.sizeMib())
        .containsExactly("1+1", "2+299", "301+200", "501+59456");
  }

  @Test
  void unknownKeysSurviveTheRoundTrip() {
    String json =
        """
        [{"id":"sda","name":"sda","type":"disk","size":10,"free_space":1,"extra":["a","b"],
          "fancy":{"x":[1,2.50,null,"é"]},"keep":false,
          "volumes":[{"type":"boot","size":1,"mount":"none","vendor":true,"kindling":{"spare":2}}]}]
        """;
    KsSpaces spaces = KsSpaces.parse(json);
    assertThat(tree(spaces.toJson())).isEqualTo(tree(json));
    assertThat(spaces.toJson()).contains("2.50");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "[1]",
        "[{\"id\":\"sda\"}]",
        "[{\"id\":\"os\",\"type\":\"vg\",\"volumes\":[]}]",
        "[{\"id\":\"a\",\"name\":\"a\",\"type\":\"disk\",\"size\":1.5,\"volumes\":[]}]",
        "[{\"id\":\"a\",\"name\":\"a\",\"type\":\"disk\",\"size\":-1,\"volumes\":[]}]",
        "[{\"id\":\"a\",\"name\":\"a\",\"type\":\"disk\",\"size\":99999999999999999999,\"volumes\":[]}]",
        "[{\"id\":\"a\",\"name\":\"a\",\"type\":\"disk\",\"size\":1,\"size\":2,\"volumes\":[]}]",
        "[{\"id\":\"a\",\"name\":\"a\",\"type\":\"disk\",\"size\":1,\"volumes\":[{\"type\":\"lv\",\"size\":1}]}]",
        "[{\"id\":\"a\",\"name\":\"a\",\"type\":\"disk\",\"size\":1,\"volumes\":[{\"type\":\"pv\",\"size\":1}]}]",
        "[{\"id\":\"a\",\"name\":\"a\",\"type\":\"disk\",\"size\":1,\"keep\":\"yes\",\"volumes\":[]}]",
        "[{\"id\":\"a\",\"name\":\"a\",\"type\":\"disk\",\"size\":1,\"volumes\":[]}] x",
      })
  void whatTheSchemaForbidsIsRefused(String json) {
    assertThat(catchThrowableOfType(LayoutException.class, () -> KsSpaces.parse(json)))
        .extracting(LayoutException::error)
        .isEqualTo(LayoutError.KS_SPACES_MALFORMED);
  }

  @Test
  void anEntryTwiceOrARootAbove16TiBIsRefused() {
    String disk = "{\"id\":\"a\",\"name\":\"a\",\"type\":\"disk\",\"size\":1,\"volumes\":[%s]}";
    assertThatThrownBy(
            () -> KsSpaces.parse("[" + disk.formatted("") + "," + disk.formatted("") + "]"))
        .hasMessageContaining("equal");
    String root = "{\"type\":\"partition\",\"size\":%d,\"mount\":\"/\"}";
    KsSpaces.parse("[" + disk.formatted(root.formatted(16777216)) + "]");
    assertThatThrownBy(() -> KsSpaces.parse("[" + disk.formatted(root.formatted(16777217)) + "]"))
        .hasMessageContaining("16 TiB");
  }

  @Test
  void whatIsLaidOutIsValidByThePublishedSchema() {
    Facts facts =
        Machines.of(
            Machines.disk("sda", 400_000),
            Machines.disk("sdb", 30_000_000),
            Machines.disk("sdc", 4096));
    for (int bits = 1; bits < 1 << Role.values().length; bits++) {
      var roles = EnumSet.noneOf(Role.class);
      for (Role role : Role.values()) {
        if ((bits & 1 << role.ordinal()) != 0) {
          roles.add(role);
        }
      }
      valid(Layouts.spaces(facts, roles, DiskOverride.parse("sdc=keep").rule()).toJson());
    }
    valid(
        Layouts.spaces(
                facts, Set.of(Role.CEPH_OSD), DiskOverride.parse("sdc=cephjournal:all").rule())
            .toJson());
    valid(
        Layouts.spaces(
                facts,
                Set.of(Role.CONTROLLER),
                DiskOverride.parse("sda=os:mirror").rule(),
                DiskOverride.parse("sdb=os:mirror").rule())
            .toJson());
    Facts.Content data =
        Machines.part(
            "sdb1", 1, 17 * 512, 5L << 30, "0fc63daf-8483-4772-8e79-3d69d8477de4", "data");
    valid(
        Layouts.spaces(
                Machines.of(
                    Machines.disk("sda", 400_000),
                    Machines.holding(Machines.disk("sdb", 30_000_000), data)),
                Set.of(Role.CEPH_OSD),
                DiskOverride.parse("sdb=data:keep").rule(),
                DiskOverride.parse("sdb=ceph:all").rule())
            .toJson());
  }

  /// The published schema's requirements, read off it once more: keys that must be there, types of
  /// those that may, volumes by their kind, the limit of `/`.
  private static void valid(String json) {
    List<?> list = (List<?>) tree(json);
    assertThat(list).isNotEmpty().doesNotHaveDuplicates();
    assertThat(list).anyMatch(e -> "disk".equals(((Map<?, ?>) e).get("type")));
    for (Object entry : list) {
      Map<?, ?> space = (Map<?, ?>) entry;
      boolean disk = "disk".equals(space.get("type"));
      if (!disk) {
        assertThat(space.get("type")).isEqualTo("vg");
      }
      required(
          space,
          disk
              ? List.of("type", "id", "volumes", "name", "size", "extra", "free_space")
              : List.of("type", "id", "volumes"));
      typed(space, List.of("id", "name", "label", "_allocate_size"), String.class);
      whole(space, List.of("size", "free_space", "min_size"));
      if (disk) {
        assertThat((List<?>) space.get("extra"))
            .allMatch(e -> e instanceof String link && !link.startsWith("/"));
      }
      for (Object one : (List<?>) java.util.Objects.requireNonNull(space.get("volumes"))) {
        Map<?, ?> volume = (Map<?, ?>) one;
        String type = String.valueOf(volume.get("type"));
        assertThat(type)
            .isIn(
                disk ? List.of("pv", "raid", "partition", "boot", "lvm_meta_pool") : List.of("lv"));
        required(
            volume,
            switch (type) {
              case "pv" -> List.of("size", "lvm_meta_size", "vg", "mount");
              case "lv" -> List.of("size", "name", "mount");
              default -> List.of("size", "mount"); // read unconditionally above 16 TiB
            });
        typed(volume, List.of("name", "mount", "file_system", "vg"), String.class);
        whole(volume, List.of("size", "lvm_meta_size"));
        if ("/".equals(volume.get("mount"))) {
          assertThat(((Number) volume.get("size")).longValue()).isLessThanOrEqualTo(16_777_216);
        }
      }
    }
  }

  private static void required(Map<?, ?> map, List<String> keys) {
    keys.forEach(key -> assertThat(map.containsKey(key)).as(key).isTrue());
  }

  private static void typed(Map<?, ?> map, List<String> keys, Class<?> type) {
    keys.stream()
        .filter(map::containsKey)
        .forEach(key -> assertThat(map.get(key)).as(key).isInstanceOf(type));
  }

  private static void whole(Map<?, ?> map, List<String> keys) {
    keys.stream()
        .filter(map::containsKey)
        .forEach(
            key -> assertThat(map.get(key)).as(key).isInstanceOfAny(Integer.class, Long.class));
  }
}
