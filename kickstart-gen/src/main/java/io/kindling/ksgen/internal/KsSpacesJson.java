package io.kindling.ksgen.internal;

import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.KsSpaces.Disk;
import io.kindling.ksgen.KsSpaces.Group;
import io.kindling.ksgen.KsSpaces.Space;
import io.kindling.ksgen.KsSpaces.Type;
import io.kindling.ksgen.KsSpaces.Volume;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// ks_spaces to and from JSON, with the rules of the published schema in our own words.
public final class KsSpacesJson {

  private static final int MAX_DEPTH = 50;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxDocumentLength(64L << 20)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private KsSpacesJson() {}

  public static String write(KsSpaces spaces) {
    var list = new ArrayList<Map<String, @Nullable Object>>();
    for (Space space : spaces.spaces()) {
      list.add(
          switch (space) {
            case Disk disk -> disk(disk);
            case Group group -> group(group);
          });
    }
    return MAPPER.writeValueAsString(list) + "\n";
  }

  private static Map<String, @Nullable Object> disk(Disk disk) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("id", disk.id());
    map.put("name", disk.name());
    map.put("type", "disk");
    map.put("size", disk.size());
    put(map, "free_space", disk.freeSpace());
    put(map, "extra", disk.extra());
    map.put("volumes", disk.volumes().stream().map(KsSpacesJson::volume).toList());
    put(map, "keep", disk.keep() ? true : null);
    map.putAll(disk.others());
    return map;
  }

  private static Map<String, @Nullable Object> group(Group group) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("id", group.id());
    map.put("type", "vg");
    put(map, "label", group.label());
    put(map, "min_size", group.minSize());
    put(map, "_allocate_size", group.allocateSize());
    map.put("volumes", group.volumes().stream().map(KsSpacesJson::volume).toList());
    map.putAll(group.others());
    return map;
  }

  private static Map<String, @Nullable Object> volume(Volume volume) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("type", volume.type().word());
    put(map, "name", volume.name());
    put(map, "vg", volume.vg());
    map.put("size", volume.size());
    put(map, "lvm_meta_size", volume.lvmMetaSize());
    put(map, "mount", volume.mount());
    put(map, "file_system", volume.fileSystem());
    put(map, "partition_guid", volume.partitionGuid());
    put(map, "keep", volume.keep() ? true : null);
    put(map, "kindling", volume.kindling().isEmpty() ? null : volume.kindling());
    map.putAll(volume.others());
    return map;
  }

  private static void put(Map<String, @Nullable Object> map, String key, @Nullable Object value) {
    if (value != null) {
      map.put(key, value);
    }
  }

  public static KsSpaces read(String json) {
    Object root;
    try {
      root = MAPPER.readValue(json, Object.class);
    } catch (JacksonException e) {
      var at = e.getLocation();
      throw bad(
          at == null ? "$" : "line " + at.getLineNr() + ", column " + at.getColumnNr(), "not JSON");
    }
    if (!(root instanceof List<?> list)) {
      throw bad("$", "not a list");
    }
    if (new HashSet<>(list).size() != list.size()) {
      throw bad("$", "two entries are equal");
    }
    var spaces = new ArrayList<Space>();
    for (int i = 0; i < list.size(); i++) {
      spaces.add(space(new Reader("$[" + i + "]", list.get(i))));
    }
    var all = new KsSpaces(spaces);
    if (all.disks().isEmpty()) {
      throw bad("$", "no disk");
    }
    return all;
  }

  private static Space space(Reader in) {
    return switch (in.text("type")) {
      case "disk" ->
          new Disk(
              in.text("id"),
              in.text("name"),
              in.size("size"),
              in.optionalNumber("free_space"),
              in.optionalTexts("extra"),
              volumes(
                  in, Set.of(Type.BOOT, Type.RAID, Type.PARTITION, Type.PV, Type.LVM_META_POOL)),
              in.flag("keep"),
              in.rest());
      case "vg" ->
          new Group(
              in.text("id"),
              in.optionalText("label"),
              in.optionalNumber("min_size"),
              in.optionalText("_allocate_size"),
              volumes(in, Set.of(Type.LV)),
              in.rest());
      case String other -> throw bad(in.path + ".type", "`" + other + "` is neither disk nor vg");
    };
  }

  private static List<Volume> volumes(Reader in, Set<Type> allowed) {
    if (!(in.take("volumes") instanceof List<?> list)) {
      throw bad(in.path + ".volumes", "not a list");
    }
    var volumes = new ArrayList<Volume>();
    for (int i = 0; i < list.size(); i++) {
      volumes.add(volume(new Reader(in.path + ".volumes[" + i + "]", list.get(i)), allowed));
    }
    return volumes;
  }

  private static Volume volume(Reader in, Set<Type> allowed) {
    String word = in.text("type");
    Type type =
        allowed.stream()
            .filter(t -> t.word().equals(word))
            .findFirst()
            .orElseThrow(() -> bad(in.path + ".type", "`" + word + "` is no volume here"));
    boolean pv = type == Type.PV;
    var volume =
        new Volume(
            type,
            in.size("size"),
            type == Type.LV ? in.text("name") : in.optionalText("name"),
            in.optionalText("mount"),
            in.optionalText("file_system"),
            in.optionalText("partition_guid"),
            pv ? in.text("vg") : in.optionalText("vg"),
            pv ? (Long) in.size("lvm_meta_size") : in.optionalNumber("lvm_meta_size"),
            in.flag("keep"),
            in.optionalMap("kindling"),
            in.rest());
    if ("/".equals(volume.mount()) && volume.size() > KsSpaces.MAX_ROOT_MIB) {
      throw bad(in.path + ".size", "the root file system must be at most 16 TiB");
    }
    return volume;
  }

  private static LayoutException bad(String path, String why) {
    return new LayoutException(LayoutError.KS_SPACES_MALFORMED, path + ": " + why);
  }

  /// One object; what was taken is gone, what is left is unknown.
  private static final class Reader {
    private final String path;
    private final Map<String, @Nullable Object> left = new LinkedHashMap<>();

    Reader(String path, @Nullable Object value) {
      this.path = path;
      if (!(value instanceof Map<?, ?> map)) {
        throw bad(path, "not an object");
      }
      map.forEach((k, v) -> left.put(String.valueOf(k), v));
    }

    @Nullable Object take(String key) {
      if (!left.containsKey(key)) {
        throw bad(path, "`" + key + "` is missing");
      }
      return left.remove(key);
    }

    String text(String key) {
      if (take(key) instanceof String text) {
        return text;
      }
      throw bad(path + "." + key, "not a string");
    }

    long size(String key) {
      Object value = take(key);
      if (value instanceof Integer || value instanceof Long) {
        long number = ((Number) value).longValue();
        if (number >= 0 && number < 1L << 43) {
          return number;
        }
      }
      throw bad(path + "." + key, "not a whole number of MiB");
    }

    @Nullable String optionalText(String key) {
      return left.containsKey(key) ? text(key) : null;
    }

    @Nullable Long optionalNumber(String key) {
      if (!left.containsKey(key)) {
        return null;
      }
      Object value = take(key);
      if (value instanceof Integer || value instanceof Long) {
        return ((Number) value).longValue();
      }
      throw bad(path + "." + key, "not a whole number");
    }

    @Nullable List<String> optionalTexts(String key) {
      if (!left.containsKey(key)) {
        return null;
      }
      var texts = new ArrayList<String>();
      if (take(key) instanceof List<?> list) {
        for (Object one : list) {
          if (!(one instanceof String text)) {
            throw bad(path + "." + key, "not a list of strings");
          }
          texts.add(text);
        }
        return texts;
      }
      throw bad(path + "." + key, "not a list of strings");
    }

    boolean flag(String key) {
      // `keep: false` stays among the unknown keys, so that it is written again.
      if (!(left.get(key) instanceof Boolean flag)) {
        if (left.containsKey(key)) {
          throw bad(path + "." + key, "neither true nor false");
        }
        return false;
      }
      if (flag) {
        left.remove(key);
      }
      return flag;
    }

    Map<String, @Nullable Object> optionalMap(String key) {
      if (!left.containsKey(key)) {
        return Map.of();
      }
      if (take(key) instanceof Map<?, ?> map) {
        var copy = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((k, v) -> copy.put(String.valueOf(k), v));
        return copy;
      }
      throw bad(path + "." + key, "not an object");
    }

    Map<String, @Nullable Object> rest() {
      return left;
    }
  }
}
