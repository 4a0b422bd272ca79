package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Hardware;
import io.kindling.inventory.facts.Hardware.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `smartctl --json -a` of each drive: ATA's attributes, NVMe's health log, SCSI's logs
/// (smartctl(8); NVM Express Base Specification, figure "SMART / Health Information Log Page").
final class Smart {
  private static final int MAX_DISKS = 2_000;

  /// ATA attributes that every vendor means alike.
  private static final long REALLOCATED = 5;

  private static final long PENDING = 197;
  private static final long UNCORRECTABLE = 198;

  /// Bits of NVMe's critical warning.
  private static final List<String> WARNINGS =
      List.of(
          "spare blocks run out",
          "too hot or too cold",
          "reliability degraded by media errors",
          "read-only",
          "its power backup failed",
          "its persistent memory is unreliable");

  /// smartctl's exit status, bit 3: the drive says it fails.
  private static final long FAILING = 8;

  private Smart() {}

  /// @param byName smartctl's output by kernel name
  static List<Hardware.DiskHealth> of(Reader byName) {
    var health = new ArrayList<Hardware.DiskHealth>();
    for (String name : byName.keys()) {
      if (health.size() == MAX_DISKS) {
        byName.warn("*", "more than " + MAX_DISKS + " drives");
        break;
      }
      health.add(disk(Reader.clean(name), byName.object(name)));
    }
    return health;
  }

  private static Hardware.DiskHealth disk(String name, Reader smart) {
    var failing = new ArrayList<String>();
    var worn = new ArrayList<String>();
    Reader status = smart.object("smart_status");
    boolean judged = status.has("passed");
    long exit = smart.object("smartctl").number("exit_status", 0);
    if (judged ? !status.flag("passed", true) : (exit & FAILING) != 0) {
      failing.add("its own test says that it fails");
    }
    Reader nvme = smart.object("nvme_smart_health_information_log");
    warnings(nvme.number("critical_warning", 0), failing);
    Integer used = whole(nvme, "percentage_used");
    Integer spare = whole(nvme, "available_spare");
    if (used != null && used >= 100) {
      worn.add(used + " % of its endurance used");
    }
    if (spare != null && spare < nvme.count("available_spare_threshold", 0)) {
      failing.add("only " + spare + " % of its spare blocks left");
    }
    Map<Long, Long> attributes = attributes(smart.object("ata_smart_attributes"));
    Long media =
        nvme.has("media_errors") ? (Long) nvme.number("media_errors", 0) : uncorrected(smart);
    Long reallocated = attributes.get(REALLOCATED);
    if (reallocated == null && smart.has("scsi_grown_defect_list")) {
      reallocated = smart.number("scsi_grown_defect_list", 0);
    }
    Long pending = attributes.get(PENDING);
    count(media, "media errors", worn);
    count(reallocated, "reallocated sectors", worn);
    count(pending, "sectors pending", worn);
    count(attributes.get(UNCORRECTABLE), "uncorrectable sectors", worn);
    boolean known = judged || nvme.has("critical_warning") || !attributes.isEmpty();
    Verdict verdict = Verdict.UNKNOWN;
    if (!failing.isEmpty() || !worn.isEmpty()) {
      verdict = failing.isEmpty() ? Verdict.WORN : Verdict.FAILING;
    } else if (known) {
      verdict = Verdict.GOOD;
    }
    failing.addAll(worn);
    return new Hardware.DiskHealth(
        name,
        verdict,
        failing,
        firmware(smart),
        temperature(smart, known),
        smart.object("power_on_time").has("hours")
            ? (Long) smart.object("power_on_time").number("hours", 0)
            : null,
        used,
        spare,
        media,
        reallocated,
        pending);
  }

  private static void warnings(long bits, List<String> to) {
    for (int bit = 0; bit < WARNINGS.size(); bit++) {
      if ((bits >> bit & 1) != 0) {
        to.add(WARNINGS.get(bit));
      }
    }
  }

  private static void count(@Nullable Long number, String what, List<String> to) {
    if (number != null && number > 0) {
      to.add(number + " " + what);
    }
  }

  private static Map<Long, Long> attributes(Reader ata) {
    var raw = new HashMap<Long, Long>();
    for (Reader attribute : ata.objects("table")) {
      Reader value = attribute.object("raw");
      if (value.has("value")) {
        raw.putIfAbsent(attribute.number("id", 0), value.number("value", 0));
      }
    }
    return raw;
  }

  /// Of a SCSI drive's error counters; null where it keeps none.
  private static @Nullable Long uncorrected(Reader smart) {
    Reader log = smart.object("scsi_error_counter_log");
    Long sum = null;
    for (String direction : List.of("read", "write", "verify")) {
      Reader counters = log.object(direction);
      if (counters.has("total_uncorrected_errors")) {
        long errors = counters.number("total_uncorrected_errors", 0);
        sum = sum == null ? errors : Math.max(sum, sum + errors); // never less by an overflow
      }
    }
    return sum;
  }

  private static @Nullable String firmware(Reader smart) {
    String version = smart.text("firmware_version");
    return Placeholders.meaningful(version == null ? smart.text("scsi_revision") : version);
  }

  /// A drive that cannot tell says 0.
  private static @Nullable Integer temperature(Reader smart, boolean known) {
    Integer celsius = whole(smart.object("temperature"), "current");
    return celsius != null && (known || celsius > 0) ? celsius : null;
  }

  private static @Nullable Integer whole(Reader reader, String key) {
    return reader.has(key) ? (Integer) reader.count(key, 0) : null;
  }
}
