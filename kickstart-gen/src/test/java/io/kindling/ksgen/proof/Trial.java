package io.kindling.ksgen.proof;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.ksgen.DiskRule;
import io.kindling.ksgen.Expand;
import io.kindling.ksgen.KsSpaces;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.LayoutRequest;
import io.kindling.ksgen.Layouter;
import io.kindling.ksgen.PartitionScript;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A machine, its roles and its rules, taken through the product's whole way: document → facts →
/// layout → plan → script.
record Trial(ObjectNode document, Set<Role> roles, List<Map<String, Object>> rules) {

  static final UUID NODE = UUID.fromString("3f2b8a52-5d0c-4c3e-9c1e-6a6a5c1f0a01");
  static final JsonMapper JSON = JsonMapper.builder().build();
  private static final FactsParser PARSER = new FactsParser();

  sealed interface Outcome {}

  record LaidOut(KsSpaces spaces, String script) implements Outcome {}

  record Refused(String id, String detail) implements Outcome {}

  byte[] bytes() {
    return JSON.writeValueAsBytes(document);
  }

  Outcome run() {
    return run(NODE, 1);
  }

  Outcome run(UUID node, int attempt) {
    try {
      Facts facts = facts(bytes());
      List<DiskRule> parsed = rules.stream().map(DiskRule::of).toList();
      KsSpaces spaces = Layouter.layout(new LayoutRequest(node, attempt, facts, roles, parsed));
      return new LaidOut(
          spaces, PartitionScript.render(Expand.expand(spaces, node, attempt, facts)));
    } catch (LayoutException e) {
      return new Refused(e.error().id(), e.detail());
    }
  }

  static Facts facts(byte[] document) {
    return switch (PARSER.parse(document)) {
      case FactsParser.Parsed p -> p.facts();
      case FactsParser.Malformed m -> throw new AssertionError(m.error() + " " + m.reason());
    };
  }

  Set<String> labels() {
    return roles.stream().map(Role::label).collect(Collectors.toCollection(TreeSet::new));
  }

  /// All that is wrong with what became of it, in words.
  List<String> faults() {
    return faults(run());
  }

  List<String> faults(Outcome outcome) {
    Document read = Document.of(document);
    var rulesRead = new Rules(rules, read);
    return switch (outcome) {
      case LaidOut laid -> Judge.faults(read, labels(), rulesRead, laid.script());
      case Refused refused -> Refusals.faults(this, read, rulesRead, refused);
    };
  }

  /// What must hold besides: the same bytes again, other ids for another attempt and node, and the
  /// allocation's JSON leads to the same script.
  List<String> repeated(Outcome outcome) {
    var faults = new ArrayList<String>();
    if (!run().equals(outcome)) {
      faults.add("the same input gives another result");
    }
    Outcome turned = reversed().run();
    if (!same(turned, outcome)) {
      faults.add("the order of lsblk's devices changes the result: " + turned);
    }
    if (outcome instanceof LaidOut laid) {
      KsSpaces again = KsSpaces.parse(laid.spaces().toJson());
      if (!again.equals(laid.spaces())
          || !PartitionScript.render(Expand.expand(again, NODE, 1, facts(bytes())))
              .equals(laid.script())) {
        faults.add("ks_spaces does not survive its own JSON");
      }
      Set<String> ids = ids(laid.script());
      for (Outcome other : List.of(run(NODE, 2), run(new UUID(1, 2), 1))) {
        var common = new TreeSet<>(ids(((LaidOut) other).script()));
        common.retainAll(ids);
        if (!common.isEmpty()) {
          faults.add("another attempt or node has the same ids " + common);
        }
      }
    }
    return faults;
  }

  private static boolean same(Outcome a, Outcome b) {
    return a instanceof Refused x && b instanceof Refused y
        ? x.id().equals(y.id())
        : a instanceof LaidOut l && b instanceof LaidOut m && l.script().equals(m.script());
  }

  private static Set<String> ids(String script) {
    var ids = new TreeSet<String>();
    ScriptPlan plan = ScriptPlan.of(script);
    for (ScriptPlan.Disk disk : plan.disks()) {
      if (!disk.about().has("KEEP_TABLE")) {
        ids.add(disk.about().text("GUID"));
      }
      disk.partitions().forEach(p -> ids.add(p.text("PARTUUID")));
    }
    return ids;
  }

  ArrayNode devices() {
    return (ArrayNode) document.path("raw").path("lsblk").path("blockdevices");
  }

  Trial copy() {
    return new Trial(document.deepCopy(), roles, rules);
  }

  /// lsblk's devices the other way round. Paths of multipath drives stay: the first gives the name.
  Trial reversed() {
    Trial copy = copy();
    ArrayNode devices = copy.devices();
    var list = new ArrayList<JsonNode>();
    devices.forEach(list::add);
    if (list.stream().anyMatch(d -> d.toString().contains("mpath"))) {
      return copy;
    }
    devices.removeAll();
    list.reversed().forEach(devices::add);
    return copy;
  }

  /// The same machine with some drives grown.
  Trial grown(Document.Drive drive, long mib) {
    Trial copy = copy();
    for (JsonNode device : copy.devices()) {
      if (drive.paths().contains(device.path("kname").asString(""))) {
        ((ObjectNode) device).put("size", drive.bytes() + (mib << 20));
      }
    }
    return copy;
  }

  /// The smallest machine and rules that still show a fault: drives and rules are left out one by
  /// one (at first by halves) while the fault stays.
  Trial shrunk(java.util.function.Predicate<Trial> faulty) {
    Trial best = this;
    for (int step = Math.max(1, best.devices().size() / 2); step >= 1; step /= 2) {
      for (int at = 0; at < best.devices().size(); ) {
        Trial less = best.copy();
        for (int i = 0; i < step && at < less.devices().size(); i++) {
          less.devices().remove(at);
        }
        if (stillFaulty(less, faulty)) {
          best = less;
        } else {
          at += step;
        }
      }
    }
    for (int at = 0; at < best.rules.size(); ) {
      var fewer = new ArrayList<>(best.rules);
      fewer.remove(at);
      Trial less = new Trial(best.document, best.roles, fewer);
      if (stillFaulty(less, faulty)) {
        best = less;
      } else {
        at++;
      }
    }
    return best;
  }

  private static boolean stillFaulty(Trial trial, java.util.function.Predicate<Trial> faulty) {
    try {
      return faulty.test(trial);
    } catch (RuntimeException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "roles "
        + labels()
        + "\nrules "
        + JSON.writeValueAsString(rules)
        + "\ndocument "
        + new String(bytes(), StandardCharsets.UTF_8);
  }
}
