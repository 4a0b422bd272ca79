package io.kindling.appliance.yaml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Changes single places of a YAML file's text; all else, comments too, stays as it was written.
/// Pure.
///
/// What is put in is one line of flow style, which may stand anywhere. The text that comes out is
/// read again and must say just what was wanted; where it does not (anchors, odd styles), the file
/// is written anew, without its comments. Paths are keys (text) and places in lists (numbers).
public final class YamlEdit {
  private static final int MAX_CHARACTERS = 4 << 20;
  private static final int MAX_DEPTH = 50;
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]*");
  private static final Pattern WORD = Pattern.compile("(?i)null|true|false|yes|no|on|off|y|n");

  private final LoadSettings settings =
      LoadSettings.builder().setCodePointLimit(MAX_CHARACTERS).setUseMarks(true).build();
  private final String text;

  private YamlEdit(String text) {
    this.text = text;
  }

  /// A change of the plain tree, and the same change of the text; null where the text is too odd.
  private record Change(Runnable tree, @Nullable String text) {}

  /// The file with that value at the path, whether something was there or not.
  public static String set(String text, Object value, List<Object> path) {
    var edit = new YamlEdit(text);
    Object root = edit.tree();
    Object parent = at(root, path.subList(0, path.size() - 1));
    String key = (String) path.getLast();
    if (!(parent instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("no mapping at " + path);
    }
    Runnable change = () -> put(map, key, copy(value, 0));
    return edit.finish(
        root, new Change(change, edit.setText(edit.node(path, 1), key, flow(value))));
  }

  /// The file with that value before all others of the list at the path.
  public static String insertFirst(String text, Object value, List<Object> path) {
    var edit = new YamlEdit(text);
    Object root = edit.tree();
    if (!(at(root, path) instanceof List<?> list)) {
      throw new IllegalArgumentException("no list at " + path);
    }
    Runnable change = () -> add(list, copy(value, 0));
    return edit.finish(root, new Change(change, edit.insertText(path, flow(value))));
  }

  /// The file without that entry of the list at the path.
  public static String remove(String text, List<Object> path, int index) {
    var edit = new YamlEdit(text);
    Object root = edit.tree();
    if (!(at(root, path) instanceof List<?> list)) {
      throw new IllegalArgumentException("no list at " + path);
    }
    String changed = edit.removeText(path, index, list);
    return edit.finish(root, new Change(() -> list.remove(index), changed));
  }

  /// The value at a path as maps, lists and plain values; null where there is none.
  public static @Nullable Object read(String text, List<Object> path) {
    return at(new YamlEdit(text).tree(), path);
  }

  private String finish(Object root, Change change) {
    change.tree().run();
    String spliced = change.text();
    if (spliced != null) {
      try {
        if (root.equals(new YamlEdit(spliced).tree())) {
          return spliced;
        }
      } catch (YamlEngineException odd) {
        // written anew below
      }
    }
    return new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build())
        .dumpToString(root);
  }

  private Object tree() {
    Object loaded = new Load(settings).loadFromString(text);
    return loaded == null ? new LinkedHashMap<String, Object>() : copy(loaded, 0);
  }

  /// A copy that shares nothing: an alias must not change along with its anchor.
  private static Object copy(Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new YamlEngineException("values are nested too deeply");
    }
    return switch (value) {
      case Map<?, ?> map -> {
        var copy = new LinkedHashMap<Object, @Nullable Object>();
        map.forEach((k, v) -> copy.put(k, v == null ? null : copy(v, depth + 1)));
        yield copy;
      }
      case List<?> list -> {
        var copy = new ArrayList<@Nullable Object>();
        list.forEach(v -> copy.add(v == null ? null : copy(v, depth + 1)));
        yield copy;
      }
      default -> value;
    };
  }

  @SuppressWarnings("unchecked")
  private static void put(Map<?, ?> map, String key, Object value) {
    ((Map<String, Object>) map).put(key, value);
  }

  @SuppressWarnings("unchecked")
  private static void add(List<?> list, Object value) {
    ((List<Object>) list).addFirst(value);
  }

  private static @Nullable Object at(@Nullable Object root, List<Object> path) {
    Object at = root;
    for (Object step : path) {
      at =
          switch (at) {
            case Map<?, ?> map -> map.get(step);
            case List<?> list when step instanceof Integer i && i < list.size() -> list.get(i);
            case null, default -> null;
          };
    }
    return at;
  }

  /// The node at the path less its last `less` steps.
  private @Nullable Node node(List<Object> path, int less) {
    Node at = new Compose(settings).composeString(text).orElse(null);
    for (Object step : path.subList(0, path.size() - less)) {
      at =
          switch (at) {
            case MappingNode map -> value(map, step);
            case SequenceNode list when step instanceof Integer i -> list.getValue().get(i);
            case null, default -> null;
          };
    }
    return at;
  }

  private static @Nullable Node value(MappingNode map, Object key) {
    return map.getValue().stream()
        .filter(t -> t.getKeyNode() instanceof ScalarNode s && s.getValue().equals(key))
        .map(NodeTuple::getValueNode)
        .findFirst()
        .orElse(null);
  }

  private @Nullable String setText(@Nullable Node parent, String key, String value) {
    if (parent == null) {
      return text.isBlank() ? key + ": " + value + "\n" : null;
    }
    if (!(parent instanceof MappingNode map)) {
      return null;
    }
    Node present = value(map, key);
    if (present != null) {
      int start = start(present);
      return replaced(start, end(present), start > 0 && text.charAt(start - 1) == ':', value);
    }
    if (map.getValue().isEmpty()) {
      return replaced(start(map), end(map), false, "{ " + key + ": " + value + " }");
    }
    int last = end(map.getValue().getLast().getValueNode());
    if (map.getFlowStyle() == FlowStyle.FLOW) {
      return replaced(last, last, false, ", " + key + ": " + value);
    }
    int at = lineEnd(last);
    String indent = " ".repeat(column(start(map.getValue().getFirst().getKeyNode())));
    return replaced(at, at, false, "\n" + indent + key + ": " + value);
  }

  private @Nullable String insertText(List<Object> path, String value) {
    if (!(node(path, 0) instanceof SequenceNode list)) {
      return null;
    }
    if (list.getValue().isEmpty()) {
      int start = start(list);
      boolean top = list.getFlowStyle() == FlowStyle.FLOW && path.size() == 1;
      boolean apart = start > 0 && text.charAt(start - 1) == ' ';
      return top ? replaced(apart ? start - 1 : start, end(list), false, "\n  - " + value) : null;
    }
    int first = start(list.getValue().getFirst());
    if (list.getFlowStyle() == FlowStyle.FLOW) {
      return replaced(first, first, false, value + ", ");
    }
    int dash = dashBefore(first);
    return replaced(dash, dash, false, "- " + value + "\n" + " ".repeat(column(dash)));
  }

  private @Nullable String removeText(List<Object> path, int index, List<?> before) {
    if (!(node(path, 0) instanceof SequenceNode list)) {
      return null;
    }
    if (list.getFlowStyle() == FlowStyle.FLOW || before.size() == 1) {
      var rest = new ArrayList<Object>(before);
      rest.remove(index);
      int from =
          list.getFlowStyle() == FlowStyle.FLOW
              ? start(list)
              : text.lastIndexOf(':', dashBefore(start(list.getValue().getFirst()))) + 1;
      return replaced(from, end(list), text.charAt(from - 1) == ':', flow(rest));
    }
    Node entry = list.getValue().get(index);
    int from = text.lastIndexOf('\n', dashBefore(start(entry))) + 1;
    return replaced(from, Math.min(text.length(), lineEnd(end(entry)) + 1), false, "");
  }

  private String replaced(int from, int to, boolean apart, String by) {
    return text.substring(0, from) + (apart ? " " : "") + by + text.substring(to);
  }

  private int start(Node node) {
    return index(node.getStartMark().orElseThrow());
  }

  /// Where the node's own text ends: a block's mark stands at whatever follows it.
  private int end(Node node) {
    if (node instanceof CollectionNode<?> many
        && many.getFlowStyle() != FlowStyle.FLOW
        && !many.getValue().isEmpty()) {
      return switch (many.getValue().getLast()) {
        case NodeTuple tuple -> end(tuple.getValueNode());
        case Node child -> end(child);
        default -> throw new IllegalStateException("neither an entry nor a pair");
      };
    }
    return index(node.getEndMark().orElseThrow());
  }

  /// Marks count code points.
  private int index(Mark mark) {
    return text.offsetByCodePoints(0, mark.getIndex());
  }

  private int lineEnd(int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }

  private int column(int at) {
    return at - (text.lastIndexOf('\n', at - 1) + 1);
  }

  private int dashBefore(int at) {
    return text.lastIndexOf('-', at - 1);
  }

  /// The value as one line: `{ match: { mac: "52:…" }, roles: [ceph-osd] }`.
  static String flow(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(e -> flow(e.getKey()) + ": " + flow(e.getValue()))
              .collect(
                  Collectors.joining(", ", map.isEmpty() ? "{" : "{ ", map.isEmpty() ? "}" : " }"));
      case List<?> list ->
          list.stream().map(YamlEdit::flow).collect(Collectors.joining(", ", "[", "]"));
      case Number number -> number.toString();
      case Boolean flag -> flag.toString();
      default -> scalar(value.toString());
    };
  }

  private static String scalar(String text) {
    if (PLAIN.matcher(text).matches() && !WORD.matcher(text).matches()) {
      return text;
    }
    var quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            quoted.append('\\').appendCodePoint(c);
          } else if (c < 0x20
              || c >= 0x7f && c < 0xa0
              || Character.getType(c) == Character.SURROGATE
              || c == 0x2028
              || c == 0x2029
              || c == 0xfeff) {
            quoted.append(String.format("\\u%04x", c));
          } else {
            quoted.appendCodePoint(c);
          }
        });
    return quoted.append('"').toString();
  }
}
