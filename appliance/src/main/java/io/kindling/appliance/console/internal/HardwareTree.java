package io.kindling.appliance.console.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// A machine's hardware in depth as sections, each a summary and a table. Pure; safe to call with
/// anything a machine can send.
public final class HardwareTree {
  private HardwareTree() {}

  /// @param hardware as the API shows it; empty where the node never reported
  public static List<Map<String, Object>> of(Map<String, Object> hardware) {
    if (hardware.isEmpty()) {
      return List.of();
    }
    return Stream.of(
            board(hardware),
            processors(Values.map(hardware, "processors")),
            memory(hardware),
            health(Values.maps(hardware, "disks")),
            adapters(Values.maps(hardware, "nics")),
            pci(Values.maps(hardware, "pci")),
            supplies(Values.maps(hardware, "powerSupplies")),
            warnings(Values.texts(hardware, "warnings")))
        .filter(Objects::nonNull)
        .filter(section -> section.get("rows") instanceof List<?> rows && !rows.isEmpty())
        .toList();
  }

  private static Map<String, Object> section(
      String title, String summary, List<String> heads, List<List<String>> rows) {
    return Map.of("title", title, "summary", summary, "heads", heads, "rows", rows);
  }

  private static Map<String, Object> board(Map<String, Object> hardware) {
    Map<String, Object> board = Values.map(hardware, "board");
    Map<String, Object> bios = Values.map(hardware, "bios");
    Map<String, Object> bmc = Values.map(hardware, "bmc");
    Map<String, Object> tpm = Values.map(hardware, "tpm");
    var facts = new LinkedHashMap<String, String>();
    facts.put("board", words(board, "vendor", "product", "version"));
    facts.put("board serial number", Values.text(board, "serial"));
    facts.put("chassis", Values.text(board, "chassis"));
    facts.put("asset tag", Values.text(board, "assetTag"));
    facts.put("firmware", words(bios, "vendor", "version", "date"));
    facts.put("BMC firmware", Values.text(bios, "controllerRevision"));
    String vlan = Values.text(bmc, "vlan");
    facts.put(
        "BMC address",
        words(bmc, "address", "source", "mac") + (vlan.isEmpty() ? "" : ", VLAN " + vlan));
    facts.put("TPM", words(tpm, "version", "vendor"));
    var rows = new ArrayList<List<String>>();
    facts.forEach((name, value) -> {
      if (!value.isEmpty()) {
        rows.add(List.of(name, value));
      }
    });
    return section(
        "Board and firmware", words(bios, "version", "date"), List.of("part", "is"), rows);
  }

  private static Map<String, Object> processors(Map<String, Object> cpu) {
    var rows = new ArrayList<List<String>>();
    for (Map<String, Object> node : Values.maps(cpu, "numa")) {
      rows.add(
          List.of("NUMA node " + Values.text(node, "number"), "CPUs " + Values.text(node, "cpus")));
    }
    rows.add(0, List.of("model", words(cpu, "model")));
    rows.add(
        1,
        List.of(
            "sockets, cores each, threads each",
            words(cpu, "sockets", "coresPerSocket", "threadsPerCore").replace(" ", ", ")));
    long mhz = Values.number(cpu, "maxMhz").orElse(0);
    if (mhz > 0) {
      rows.add(2, List.of("at most", mhz + " MHz"));
    }
    return section(
        "Processors",
        Values.text(cpu, "threads") + " threads, " + Values.text(cpu, "sockets") + " sockets",
        List.of("part", "is"),
        rows);
  }

  private static Map<String, Object> memory(Map<String, Object> hardware) {
    var rows = new ArrayList<List<String>>();
    long bytes = 0;
    for (Map<String, Object> module : Values.maps(hardware, "memory")) {
      long size = Values.number(module, "sizeBytes").orElse(0);
      bytes += size;
      String speed = Values.text(module, "configuredMtps");
      String most = Values.text(module, "speedMtps");
      rows.add(
          List.of(
              Values.text(module, "slot"),
              Words.size(size),
              Values.text(module, "type"),
              speed.isEmpty() || speed.equals(most)
                  ? unit(most, "MT/s")
                  : speed + " of " + unit(most, "MT/s"),
              Values.text(module, "manufacturer"),
              Values.text(module, "part"),
              Values.text(module, "serial")));
    }
    long empty = Values.number(hardware, "emptyMemorySlots").orElse(0);
    String summary =
        rows.size()
            + (rows.size() == 1 ? " module, " : " modules, ")
            + Words.size(bytes)
            + (empty > 0 ? ", " + empty + " slots empty" : "");
    return section(
        "Memory",
        summary,
        List.of("slot", "size", "type", "speed", "maker", "part", "serial number"),
        rows);
  }

  private static Map<String, Object> health(List<Map<String, Object>> disks) {
    var rows = new ArrayList<List<String>>();
    int ill = 0;
    for (Map<String, Object> disk : disks) {
      String verdict = Values.text(disk, "verdict").toLowerCase(Locale.ROOT);
      ill += verdict.equals("failing") || verdict.equals("worn") ? 1 : 0;
      String findings = String.join(", ", Values.texts(disk, "findings"));
      rows.add(
          List.of(
              Values.text(disk, "name"),
              findings.isEmpty() ? verdict : verdict + ": " + findings,
              unit(Values.text(disk, "temperatureCelsius"), "°C"),
              unit(Values.text(disk, "powerOnHours"), "h"),
              unit(Values.text(disk, "percentageUsed"), "%"),
              Values.text(disk, "mediaErrors"),
              Values.text(disk, "reallocatedSectors"),
              Values.text(disk, "pendingSectors"),
              Values.text(disk, "firmware")));
    }
    return section(
        "Disks’ health",
        ill == 0 ? "no finding" : ill + " of " + rows.size() + " with findings",
        List.of(
            "disk",
            "health",
            "temperature",
            "powered on",
            "endurance used",
            "media errors",
            "reallocated",
            "pending",
            "firmware"),
        rows);
  }

  private static Map<String, Object> adapters(List<Map<String, Object>> nics) {
    var rows = new ArrayList<List<String>>();
    for (Map<String, Object> nic : nics) {
      Map<String, Object> far = Values.map(nic, "neighbour");
      String vlan = Values.text(far, "vlan");
      rows.add(
          List.of(
              Values.text(nic, "name"),
              words(nic, "vendor", "product"),
              speed(nic),
              words(nic, "driver", "driverVersion"),
              Values.text(nic, "firmware"),
              Values.text(nic, "pci"),
              words(far, "system", "port", "portDescription")
                  + (vlan.isEmpty() ? "" : ", VLAN " + vlan)));
    }
    return section(
        "Network adapters",
        rows.size() + (rows.size() == 1 ? " adapter" : " adapters"),
        List.of("NIC", "adapter", "link", "driver", "firmware", "PCI", "switch port (LLDP)"),
        rows);
  }

  /// `25 Gbit/s`, `down, can 25 Gbit/s`.
  private static String speed(Map<String, Object> nic) {
    String now = Words.speed(Values.number(nic, "speedMbps").orElse(0));
    String most = Words.speed(Values.number(nic, "capacityMbps").orElse(0));
    String up = now.isEmpty() ? "up" : now;
    String link = Boolean.FALSE.equals(nic.get("link")) ? "down" : up;
    return most.isEmpty() || most.equals(link) ? link : link + ", can " + most;
  }

  private static Map<String, Object> pci(List<Map<String, Object>> devices) {
    var rows = new ArrayList<List<String>>();
    long gpus = 0;
    for (Map<String, Object> device : devices) {
      boolean gpu = Values.flag(device, "gpu");
      gpus += gpu ? 1 : 0;
      rows.add(
          List.of(
              Values.text(device, "address"),
              gpu ? "GPU" : Values.text(device, "kind"),
              words(device, "vendor", "product"),
              Values.text(device, "driver")));
    }
    String number = rows.size() + (rows.size() == 1 ? " device" : " devices");
    return section(
        "PCI devices",
        gpus == 0 ? number : number + ", " + gpus + (gpus == 1 ? " GPU" : " GPUs"),
        List.of("address", "kind", "device", "driver"),
        rows);
  }

  private static Map<String, Object> supplies(List<Map<String, Object>> supplies) {
    var rows = new ArrayList<List<String>>();
    for (Map<String, Object> supply : supplies) {
      rows.add(
          List.of(
              Values.text(supply, "location"),
              unit(Values.text(supply, "watts"), "W"),
              Values.text(supply, "status"),
              words(supply, "manufacturer", "part"),
              Values.text(supply, "serial")));
    }
    return section(
        "Power supplies",
        String.valueOf(rows.size()),
        List.of("bay", "power", "status", "part", "serial number"),
        rows);
  }

  private static Map<String, Object> warnings(List<String> warnings) {
    return section(
        "Not understood of its report",
        String.valueOf(warnings.size()),
        List.of("where and what"),
        warnings.stream().map(List::of).toList());
  }

  private static String words(Map<String, Object> map, String... keys) {
    return String.join(
        " ", Stream.of(keys).map(k -> Values.text(map, k)).filter(t -> !t.isEmpty()).toList());
  }

  private static String unit(String number, String unit) {
    return number.isEmpty() ? "" : number + " " + unit;
  }
}
