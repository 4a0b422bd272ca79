package io.kindling.appliance.cluster;

import io.kindling.appliance.cluster.Cluster.DiskWish;
import io.kindling.appliance.yaml.YamlMap;
import io.kindling.appliance.yaml.YamlValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads one entry of `disks:`.
final class DiskWishes {
  private static final Pattern ID = Pattern.compile("[\\x21-\\x7e]{1,255}");
  private static final Pattern WORD = Pattern.compile("[a-z0-9-]{1,32}");
  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,7}(?:\\.[0-9]{1,3})?)\\s*(MiB|GiB|TiB|MB|GB|TB)?");
  private static final long MIB = 1L << 20;

  private DiskWishes() {}

  static DiskWish read(YamlValue value) {
    YamlMap map = value.map();
    Optional<String> id = map.take("id").map(v -> v.text(ID, "a disk's id"));
    Optional<String> media = map.take("media").map(v -> v.oneOf("hdd", "ssd", "nvme"));
    long[] range =
        map.take("size").map(DiskWishes::sizeRange).orElse(new long[] {0, Long.MAX_VALUE});
    Optional<String> bus = map.take("bus").map(v -> v.text(WORD, "a bus such as sata or nvme"));
    List<Integer> slots =
        map.take("slot").map(v -> v.each(s -> s.number(0, 9999))).orElse(List.of());
    Optional<YamlValue> countValue = map.take("count");
    OptionalInt count =
        countValue.isPresent()
            ? OptionalInt.of(countValue.get().number(1, 9999))
            : OptionalInt.empty();
    Optional<YamlValue> useValue = map.take("use");
    Map<String, Long> use = new LinkedHashMap<>();
    if (useValue.isPresent()) {
      for (var e : useValue.get().map().takeAll()) {
        use.put(e.getKey(), size(e.getKey(), e.getValue()));
      }
    }
    int spare = map.take("spare").map(v -> v.number(0, 999)).orElse(0);
    boolean keep = map.take("keep").map(YamlValue::yes).orElse(false);
    map.end();
    if (keep && useValue.isPresent()) {
      throw value.wrong("a disk is either kept or used");
    }
    if (!keep && use.isEmpty()) {
      throw value.wrong("say `use: { VOLUME: SIZE }` or `keep: true`");
    }
    return new DiskWish(
        id, media, range[0], range[1], bus, slots, count, use, spare, keep, value.line());
  }

  /// `all`, `mirror`, or a size; a bare number is MiB as in ks_spaces.
  private static long size(String volume, YamlValue value) {
    if (!WORD.matcher(volume).matches()) {
      throw value.wrong("`" + volume + "` is no volume");
    }
    return switch (value.text()) {
      case "all" -> DiskWish.ALL;
      case "mirror" -> DiskWish.MIRROR;
      default -> bytes(value, value.text()) / MIB;
    };
  }

  /// `size: 960GB` (five per cent either way: makers count differently), `100GB-2TB`, `>= 1TB`, `<=
  /// 1TB`.
  private static long[] sizeRange(YamlValue value) {
    String text = value.text().strip();
    if (text.startsWith(">=")) {
      return new long[] {bytes(value, text.substring(2)), Long.MAX_VALUE};
    }
    if (text.startsWith("<=")) {
      return new long[] {0, bytes(value, text.substring(2))};
    }
    int dash = text.indexOf('-');
    if (dash > 0) {
      return new long[] {
        bytes(value, text.substring(0, dash)), bytes(value, text.substring(dash + 1))
      };
    }
    long exact = bytes(value, text);
    return new long[] {exact - exact / 20, exact + exact / 20};
  }

  private static long bytes(YamlValue value, String text) {
    Matcher m = SIZE.matcher(text.strip());
    if (!m.matches()) {
      throw value.wrong("expected a size such as 4096 (MiB), 100GiB or 2TB, not `" + text + "`");
    }
    String unit = m.group(2) == null ? "MiB" : m.group(2);
    long factor =
        switch (unit) {
          case "MiB" -> MIB;
          case "GiB" -> MIB << 10;
          case "TiB" -> MIB << 20;
          case "MB" -> 1_000_000L;
          case "GB" -> 1_000_000_000L;
          default -> 1_000_000_000_000L;
        };
    return (long) (Double.parseDouble(m.group(1)) * factor);
  }
}
