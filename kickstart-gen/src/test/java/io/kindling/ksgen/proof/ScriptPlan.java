package io.kindling.ksgen.proof;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The plan in the head of a partition script, read from the shell's text by the grammar that its
/// comments document: assignments, and functions that are one `case` over their first argument.
///
/// Columns get the names of the comment above their function (`partitions INDEX CALL: CALL NUMBER
/// START-MIB …`). Text that is not of this grammar is an error, so nothing of a plan can be
/// overlooked. [ShellPlan] reads the same with a real shell.
record ScriptPlan(
    Map<String, String> globals, List<Disk> disks, List<Row> arrays, List<Group> groups) {

  /// A row of a table: column → value, in the order of the columns.
  record Row(Map<String, String> values) {
    String text(String column) {
      String value = values.get(column);
      if (value == null) {
        throw new AssertionError("the plan has no column " + column + ": " + values);
      }
      return value;
    }

    boolean has(String column) {
      return !values.getOrDefault(column, "").isEmpty();
    }

    long number(String column) {
      return Long.parseLong(text(column));
    }
  }

  /// @param kept partitions that stay as they are
  record Disk(String index, Row about, List<String> links, List<Row> partitions, List<Row> kept) {
    String id() {
      return about.text("ID");
    }
  }

  record Group(String name, List<Row> volumes) {}

  /// The arm of a function that is no `case`.
  static final String ALWAYS = "";

  /// Functions that a script has only where its version knows such things.
  private static final Set<String> OPTIONAL = Set.of("kept", "arrays");

  private static final String END = "# ---- What follows is the same for every machine";
  private static final Pattern COLUMNS =
      Pattern.compile("# ([a-z_]+) (?:[A-Z]+ )?CALL: CALL ((?:[A-Z0-9-]+ ?)+)( ?[a-z].*)?");
  private static final Pattern FUNCTION = Pattern.compile("([a-z_]+)\\(\\) \\{");
  private static final Pattern ASSIGNMENT = Pattern.compile(" *([A-Z_]+)=(.*)", Pattern.DOTALL);

  /// Whether two readers have read the same: all but the globals, which not both know.
  boolean sameAs(ScriptPlan other) {
    return disks.equals(other.disks) && arrays.equals(other.arrays) && groups.equals(other.groups);
  }

  /// The part of a script that differs between machines.
  static String head(String script) {
    int end = script.indexOf(END);
    if (end < 0) {
      throw new AssertionError("the script does not say where its plan ends");
    }
    return script.substring(0, end);
  }

  static ScriptPlan of(String script) {
    return new Parser(head(script)).read();
  }

  /// Builds a plan from what was read: functions are name → arm → commands, a command is its words.
  static ScriptPlan assemble(
      Map<String, String> globals,
      Map<String, List<String>> columns,
      Map<String, Map<String, List<List<String>>>> functions) {
    var disks = new ArrayList<Disk>();
    for (String index : words(globals.get("DISKS"))) {
      var about = new LinkedHashMap<String, String>();
      for (List<String> assignment : arm(functions, "describe", index)) {
        about.put(assignment.get(0), assignment.get(1));
      }
      disks.add(
          new Disk(
              index,
              new Row(about),
              arm(functions, "links", index).stream().map(List::getFirst).toList(),
              rows(functions, columns, "partitions", index),
              rows(functions, columns, "kept", index)));
    }
    var groups = new ArrayList<Group>();
    for (String name : words(globals.get("GROUP_NAMES"))) {
      groups.add(new Group(name, rows(functions, columns, "volumes", name)));
    }
    return new ScriptPlan(
        Map.copyOf(globals),
        List.copyOf(disks),
        rows(functions, columns, "arrays", ALWAYS),
        List.copyOf(groups));
  }

  static List<String> words(String text) {
    return text == null || text.isBlank() ? List.of() : List.of(text.strip().split(" +"));
  }

  private static List<Row> rows(
      Map<String, Map<String, List<List<String>>>> functions,
      Map<String, List<String>> columns,
      String function,
      String arm) {
    List<String> names = columns.get(function);
    var rows = new ArrayList<Row>();
    for (List<String> words : arm(functions, function, arm)) {
      if (words.size() != names.size()) {
        throw new AssertionError(function + " documents " + names + " but gives " + words);
      }
      var values = new LinkedHashMap<String, String>();
      for (int i = 0; i < names.size(); i++) {
        values.put(names.get(i), words.get(i));
      }
      rows.add(new Row(values));
    }
    return List.copyOf(rows);
  }

  private static List<List<String>> arm(
      Map<String, Map<String, List<List<String>>>> functions, String function, String arm) {
    Map<String, List<List<String>>> arms = functions.get(function);
    if (arms == null && OPTIONAL.contains(function)) {
      return List.of();
    }
    if (arms == null) {
      throw new AssertionError("the plan has no function " + function);
    }
    return arms.getOrDefault(arm, List.of());
  }

  /// The columns that the comments of a head document, by function.
  static Map<String, List<String>> columns(String head) {
    var columns = new LinkedHashMap<String, List<String>>();
    for (String line : head.split("\n", -1)) {
      Matcher m = COLUMNS.matcher(line);
      if (m.matches()) {
        columns.put(m.group(1), words(m.group(2)));
      }
    }
    return columns;
  }

  /// Reads the grammar above; a line ends only outside of quotes.
  private static final class Parser {
    private final String text;
    private int at;

    private final Map<String, String> globals = new LinkedHashMap<>();
    private final Map<String, Map<String, List<List<String>>>> functions = new LinkedHashMap<>();

    Parser(String text) {
      this.text = text;
    }

    ScriptPlan read() {
      String line;
      while ((line = line()) != null) {
        Matcher function = FUNCTION.matcher(line);
        Matcher assignment = ASSIGNMENT.matcher(line);
        if (function.matches()) {
          functions.put(function.group(1), function());
        } else if (assignment.matches()) {
          globals.put(assignment.group(1), only(assignment.group(2)));
        } else if (!line.isBlank()
            && !line.startsWith("#")
            && !line.equals("set -eu")
            && !line.matches("export [A-Z ]+_?[A-Z ]*")
            && !line.matches("umask [0-7]+")) {
          throw unknown(line);
        }
      }
      return assemble(globals, ScriptPlan.columns(text), functions);
    }

    private Map<String, List<List<String>>> function() {
      var arms = new LinkedHashMap<String, List<List<String>>>();
      String line = need();
      if (!line.equals("  case $1 in")) {
        return plain(line);
      }
      List<List<String>> arm = null;
      while (!(line = need()).equals("  esac")) {
        if (line.isBlank()) {
          continue;
        }
        Matcher assignment = ASSIGNMENT.matcher(line);
        if (line.startsWith("    '") && line.endsWith(")")) {
          arm = new ArrayList<>();
          arms.put(only(line.substring(4, line.length() - 1)), arm);
        } else if (line.equals("      ;;")) {
          arm = null;
        } else if (arm != null && assignment.matches()) {
          arm.add(List.of(assignment.group(1), only(assignment.group(2))));
        } else if (arm != null && line.startsWith("      \"$2\" ")) {
          arm.add(split(line.substring("      \"$2\" ".length())));
        } else {
          throw unknown(line);
        }
      }
      expect("}");
      return arms;
    }

    /// A function without a `case`: calls of its first argument.
    private Map<String, List<List<String>>> plain(String first) {
      var calls = new ArrayList<List<String>>();
      for (String line = first; !line.equals("}"); line = need()) {
        if (line.startsWith("  \"$1\" ")) {
          calls.add(split(line.substring("  \"$1\" ".length())));
        } else if (!line.isBlank() && !line.equals("  return 0")) {
          throw unknown(line);
        }
      }
      return Map.of(ALWAYS, calls);
    }

    private void expect(String wanted) {
      String line = need();
      if (!line.equals(wanted)) {
        throw unknown(line);
      }
    }

    private String need() {
      String line = line();
      if (line == null) {
        throw new AssertionError("the plan ends inside a function");
      }
      return line;
    }

    /// The next logical line without its end, null at the end of the text.
    private String line() {
      if (at >= text.length()) {
        return null;
      }
      int start = at;
      boolean comment = text.charAt(at) == '#';
      boolean quoted = false;
      for (; at < text.length(); at++) {
        char c = text.charAt(at);
        if (!comment && c == '\'') {
          quoted = !quoted;
        } else if (!comment && !quoted && c == '\\') {
          at++;
        } else if (c == '\n' && !quoted) {
          break;
        }
      }
      return text.substring(start, Math.min(at++, text.length()));
    }

    private static String only(String text) {
      List<String> words = split(text);
      if (words.size() != 1) {
        throw unknown(text);
      }
      return words.getFirst();
    }

    /// Words by the shell's rules for single quotes, backslashes and plain characters; whatever
    /// else means something to a shell is an error.
    static List<String> split(String text) {
      var words = new ArrayList<String>();
      StringBuilder word = null;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == ' ') {
          if (word != null) {
            words.add(word.toString());
          }
          word = null;
          continue;
        }
        word = word == null ? new StringBuilder() : word;
        if (c == '\'') {
          int end = text.indexOf('\'', i + 1);
          if (end < 0) {
            throw unknown(text);
          }
          word.append(text, i + 1, end);
          i = end;
        } else if (c == '\\' && i + 1 < text.length() && text.charAt(i + 1) != '\n') {
          word.append(text.charAt(++i));
        } else if (Character.isLetterOrDigit(c) || "/:._,+@%=-".indexOf(c) >= 0) {
          word.append(c);
        } else {
          throw unknown(text);
        }
      }
      if (word != null) {
        words.add(word.toString());
      }
      return words;
    }

    private static AssertionError unknown(String line) {
      return new AssertionError("the plan holds what its grammar does not know: " + line);
    }
  }
}
