package io.kindling.appliance.yaml;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// A YAML mapping that is read key by key; keys left over at [#end] are an error, so a misspelt key
/// never passes silently. Not thread-safe.
public final class YamlMap {
  /// Larger files are no configuration.
  private static final int MAX_CHARACTERS = 4 << 20;

  /// Of what [#plain] gives; nothing that is configured is half as deep.
  private static final int MAX_DEPTH = 10;

  private final String file;
  private final int line;
  private final Map<String, YamlValue> values = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private final Set<String> known = new TreeSet<>();

  YamlMap(String file, MappingNode node) {
    this.file = file;
    this.line = lineOf(node);
    for (NodeTuple tuple : node.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new YamlException(file, lineOf(tuple.getKeyNode()), "a key must be plain text");
      }
      int at = lineOf(key);
      Integer before = lines.putIfAbsent(key.getValue(), at);
      if (before != null) {
        throw new YamlException(
            file, at, "`" + key.getValue() + "` is given twice, first in line " + before);
      }
      values.put(key.getValue(), new YamlValue(file, tuple.getValueNode(), at));
    }
  }

  private YamlMap(String file) {
    this.file = file;
    this.line = 1;
  }

  /// Reads the one document of a file; an empty file is an empty mapping.
  public static YamlMap parse(String file, String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setCodePointLimit(MAX_CHARACTERS)
            .setUseMarks(true)
            .build();
    Optional<Node> root;
    try {
      root = new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      int at = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
      throw new YamlException(file, at, String.valueOf(e.getProblem()));
    } catch (YamlEngineException e) {
      throw new YamlException(file, 1, String.valueOf(e.getMessage()));
    }
    if (root.isEmpty()) {
      return new YamlMap(file);
    }
    return new YamlValue(file, root.get(), 1).map();
  }

  /// The value of that key, once; empty where the key is absent or its value is null.
  public Optional<YamlValue> take(String key) {
    known.add(key);
    YamlValue value = values.remove(key);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  public YamlValue require(String key) {
    return take(key).orElseThrow(() -> new YamlException(file, line, "`" + key + "` is missing"));
  }

  /// The mapping under that key; an empty one where it is absent.
  public YamlMap takeMap(String key) {
    return take(key).map(YamlValue::map).orElseGet(() -> new YamlMap(file));
  }

  /// All keys and values that are left, in the file's order; nothing is left afterwards.
  public List<Map.Entry<String, YamlValue>> takeAll() {
    var all = List.copyOf(values.entrySet());
    List<Map.Entry<String, YamlValue>> copies =
        all.stream().map(e -> Map.entry(e.getKey(), e.getValue())).toList();
    values.clear();
    return copies;
  }

  /// Everything that is left, as maps, lists, text, numbers and booleans; nothing is left
  /// afterwards.
  public Map<String, Object> plain() {
    return plain(MAX_DEPTH);
  }

  Map<String, Object> plain(int depth) {
    Map<String, Object> plain = new LinkedHashMap<>();
    for (var entry : takeAll()) {
      plain.put(entry.getKey(), entry.getValue().plain(depth));
    }
    return plain;
  }

  /// To be called when everything known has been taken.
  public void end() {
    for (String key : values.keySet()) {
      Integer at = lines.get(key);
      throw new YamlException(
          file,
          at == null ? line : at,
          "unknown key `" + key + "`; known here: " + String.join(", ", known));
    }
  }

  public int line() {
    return line;
  }

  public YamlException wrong(String problem) {
    return new YamlException(file, line, problem);
  }

  static int lineOf(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }
}
