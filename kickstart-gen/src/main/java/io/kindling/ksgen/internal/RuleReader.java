package io.kindling.ksgen.internal;

import io.kindling.inventory.facts.Facts.Media;
import io.kindling.ksgen.DiskRule;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.SizeRange;
import io.kindling.ksgen.VolumeSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads an entry of `disks:`.
public final class RuleReader {

  private static final Set<String> KEYS =
      Set.of("id", "media", "size", "bus", "slot", "count", "use", "keep", "spare");

  private RuleReader() {}

  public static DiskRule read(Map<String, ?> entry) {
    for (String key : entry.keySet()) {
      if (!KEYS.contains(key)) {
        throw bad("unknown key `" + key + "`");
      }
    }
    if (!entry.containsKey("use") && !entry.containsKey("keep")) {
      throw bad("a rule needs `use` or `keep`");
    }
    return new DiskRule(
        new DiskRule.Selector(
            text(entry, "id"),
            media(text(entry, "media")),
            size(entry.get("size")),
            text(entry, "bus"),
            slots(entry.get("slot")),
            number(entry, "count")),
        use(entry.get("use")),
        Boolean.TRUE.equals(entry.get("keep")),
        keepVolumes(entry.get("keep")),
        orZero(number(entry, "spare")));
  }

  private static Map<String, VolumeSize> use(@Nullable Object value) {
    if (value == null) {
      return Map.of();
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw bad("`use` is a map of volume to size");
    }
    var use = new LinkedHashMap<String, VolumeSize>();
    map.forEach((volume, size) -> {
      if (!(volume instanceof String name)) {
        throw bad("`use` is a map of volume to size");
      }
      if (!(size instanceof String || size instanceof Integer || size instanceof Long)) {
        throw bad("the size of `" + name + "` is a number of MiB, `all` or `mirror`");
      }
      use.put(name, VolumeSize.parse(size.toString()));
    });
    return use;
  }

  private static @Nullable Media media(@Nullable String text) {
    if (text == null) {
      return null;
    }
    for (Media media : Media.values()) {
      if (media.name().toLowerCase(Locale.ROOT).equals(text)) {
        return media;
      }
    }
    throw bad("`media` is hdd, ssd or nvme, not `" + text + "`");
  }

  private static @Nullable SizeRange size(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case String text -> SizeRange.parse(text);
      case Integer mib -> SizeRange.parse(mib.toString());
      default -> throw bad("`size` is like `480GB`, `>=1TB` or `1TB-4TB`");
    };
  }

  private static @Nullable List<Integer> slots(@Nullable Object value) {
    if (value == null) {
      return null;
    }
    var slots = new ArrayList<Integer>();
    for (Object one : value instanceof List<?> list ? list : List.of(value)) {
      if (!(one instanceof Integer slot) || slot < 0) {
        throw bad("`slot` is a place in drive order from 0, or a list of them");
      }
      slots.add(slot);
    }
    return slots;
  }

  private static @Nullable String text(Map<String, ?> entry, String key) {
    return switch (entry.get(key)) {
      case null -> null;
      case String text -> text;
      default -> throw bad("`" + key + "` is text");
    };
  }

  private static @Nullable Integer number(Map<String, ?> entry, String key) {
    return switch (entry.get(key)) {
      case null -> null;
      case Integer number -> number;
      default -> throw bad("`" + key + "` is a whole number");
    };
  }

  private static int orZero(@Nullable Integer number) {
    return number == null ? 0 : number;
  }

  private static List<String> keepVolumes(@Nullable Object value) {
    return switch (value) {
      case null -> List.of();
      case Boolean _ -> List.of();
      case String one -> List.of(one);
      case List<?> list when list.stream().allMatch(String.class::isInstance) ->
          list.stream().map(String.class::cast).toList();
      default -> throw bad("`keep` is true, or a list of volumes, partition names or PARTUUIDs");
    };
  }

  private static LayoutException bad(String why) {
    return new LayoutException(LayoutError.BAD_RULE, why);
  }
}
