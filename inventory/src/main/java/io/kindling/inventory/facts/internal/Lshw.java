package io.kindling.inventory.facts.internal;

import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// lshw's tree, used where dmidecode or lscpu is absent, and for what sits on PCI. Before B.02.20
/// it is one object, since then an array of one.
public final class Lshw {
  static final Pattern PCI = Pattern.compile("[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

  private final Reader.Warnings warnings;
  private final JsonNode root;

  private Lshw(JsonNode root, Reader.Warnings warnings) {
    this.root = root;
    this.warnings = warnings;
  }

  public static Lshw of(JsonNode lshw, Reader.Warnings warnings) {
    JsonNode root = lshw.isArray() && !lshw.isEmpty() ? lshw.get(0) : lshw;
    if (!root.isObject() && !lshw.isNull()) {
      warnings.add("$.raw.lshw", "not an object");
    }
    return new Lshw(root.isObject() ? root : JsonNodeFactory.instance.objectNode(), warnings);
  }

  /// Sees each node, with the nearest one above it that sits on PCI (null where none does).
  interface Visitor {
    void node(Reader node, @Nullable Reader above);
  }

  /// Depth first; the parser bounds the depth.
  void walk(Visitor visitor) {
    walk(root, null, visitor);
  }

  private void walk(JsonNode node, @Nullable Reader above, Visitor visitor) {
    Reader reader = read(node);
    visitor.node(reader, above);
    Reader next = pciAddress(reader.text("businfo")) == null ? above : reader;
    for (JsonNode child : node.path("children")) {
      if (child.isObject()) {
        walk(child, next, visitor);
      }
    }
  }

  /// `0000:00:02.0` of lshw's `pci@0000:00:02.0`; null where it is none.
  static @Nullable String pciAddress(@Nullable String bus) {
    String address = bus != null && bus.startsWith("pci@") ? bus.substring(4) : "";
    return PCI.matcher(address).matches() ? address : null;
  }

  @Nullable String vendor() {
    return read(root).text("vendor");
  }

  @Nullable String product() {
    return read(root).text("product");
  }

  @Nullable String serial() {
    return read(root).text("serial");
  }

  @Nullable String uuid() {
    return read(root).object("configuration").text("uuid");
  }

  @Nullable String firmwareVersion() {
    JsonNode firmware = find(root, n -> is(n, "memory") && id(n).equals("firmware"));
    return firmware == null ? null : read(firmware).text("version");
  }

  /// The size of "System Memory", 0 where none is told.
  long memoryBytes() {
    JsonNode memory =
        find(root, n -> is(n, "memory") && (id(n).equals("memory") || id(n).startsWith("memory:")));
    return memory == null ? 0 : read(memory).number("size", 0);
  }

  @Nullable String cpuModel() {
    JsonNode cpu = find(root, n -> is(n, "processor"));
    return cpu == null ? null : read(cpu).text("product");
  }

  /// `width` of the machine tells no architecture; only x86 is written out by lshw.
  boolean x86() {
    JsonNode cpu = find(root, n -> is(n, "processor"));
    return cpu != null && read(cpu).object("capabilities").has("x86-64");
  }

  /// What the NIC of that name can do at most, else what its link does; null where neither is told.
  @Nullable Integer nicSpeedMbps(String name) {
    JsonNode nic = find(root, n -> isNic(n, name));
    if (nic == null) {
      return null;
    }
    long bits = Math.max(read(nic).number("capacity", 0), read(nic).number("size", 0));
    long mbps = bits / 1_000_000;
    return mbps > 0 && mbps <= Integer.MAX_VALUE ? (Integer) (int) mbps : null;
  }

  /// Where on a bus the NIC of that name sits, `pci@0000:00:02.0`; of a virtio device the PCI
  /// function that holds it.
  @Nullable String nicBus(String name) {
    return bus(root, name, null);
  }

  private static @Nullable String bus(JsonNode node, String name, @Nullable String above) {
    JsonNode info = node.get("businfo");
    boolean pci = info != null && info.isString() && info.stringValue().startsWith("pci@");
    String at = pci ? info.stringValue() : above;
    if (isNic(node, name)) {
      return at;
    }
    for (JsonNode child : node.path("children")) {
      String found = bus(child, name, at);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static boolean isNic(JsonNode node, String name) {
    JsonNode logical = node.get("logicalname");
    return is(node, "network")
        && logical != null
        && logical.isString()
        && logical.stringValue().equals(name);
  }

  private Reader read(JsonNode node) {
    return new Reader(node, "$.raw.lshw", warnings);
  }

  private static boolean is(JsonNode node, String kind) {
    JsonNode value = node.get("class");
    return value != null && value.isString() && value.stringValue().equals(kind);
  }

  private static String id(JsonNode node) {
    JsonNode value = node.get("id");
    return value != null && value.isString() ? value.stringValue() : "";
  }

  /// Depth first; the parser bounds the depth.
  private static @Nullable JsonNode find(JsonNode node, Predicate<JsonNode> wanted) {
    if (wanted.test(node)) {
      return node;
    }
    JsonNode children = node.get("children");
    if (children != null && children.isArray()) {
      for (JsonNode child : children) {
        JsonNode found = child.isObject() ? find(child, wanted) : null;
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }
}
