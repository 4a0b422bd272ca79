package io.kindling.ksgen.proof;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The plan of a partition script as a real shell holds it: the head is sourced, its functions are
/// called with a shim that prints each argument, and what is printed is read.
final class ShellPlan {

  /// A word that no plan can hold by itself: tells records apart in the output.
  private static final String MARK = "\u0001";

  private ShellPlan() {}

  static ScriptPlan of(String script, String shell, Path folder) throws Exception {
    String head = ScriptPlan.head(script);
    var probe = new StringBuilder(head);
    probe.append("M=$(printf '\\001')\n");
    // $1 function, $2 arm, then the words
    probe.append(
        """
        tell() { printf '%s%s%s%s' "$FUNCTION" "$M" "$ARM" "$M"; printf '%s%s' "$#" "$M"
          for word in "$@"; do printf '%s%s' "$word" "$M"; done; }
        for name in DISKS GROUP_NAMES MAKERS; do
          FUNCTION=global ARM=; eval "tell \\"\\$name\\" \\"\\$$name\\""
        done
        for ARM in $DISKS; do
          FUNCTION=describe
          describe "$ARM"
        """);
    for (String name : assigned(head)) {
      probe.append("  tell '").append(name).append("' \"$").append(name).append("\"\n");
    }
    probe.append(
        """
          FUNCTION=links
          links "$ARM" tell
          FUNCTION=partitions
          partitions "$ARM" tell
          FUNCTION=kept
          if command -v kept >/dev/null; then kept "$ARM" tell; fi
        done
        FUNCTION=arrays ARM=
        if command -v arrays >/dev/null; then arrays tell; fi
        for ARM in $GROUP_NAMES; do
          FUNCTION=volumes
          volumes "$ARM" tell
        done
        """);
    Path file = Files.writeString(folder.resolve("probe.sh"), probe);
    String out = run(folder, "", (shell + " " + file).split(" "));
    return read(head, out);
  }

  private static ScriptPlan read(String head, String out) {
    var globals = new LinkedHashMap<String, String>();
    var functions = new LinkedHashMap<String, Map<String, List<List<String>>>>();
    for (String name : List.of("describe", "links", "partitions", "kept", "arrays", "volumes")) {
      functions.put(name, new LinkedHashMap<>());
    }
    String[] words = out.split(MARK, -1);
    int at = 0;
    while (at + 3 < words.length) {
      String function = words[at];
      String arm = words[at + 1];
      int count = Integer.parseInt(words[at + 2]);
      List<String> values = List.of(words).subList(at + 3, at + 3 + count);
      at += 3 + count;
      if (function.equals("global")) {
        globals.put(values.get(0), values.get(1));
      } else {
        functions.get(function).computeIfAbsent(arm, _ -> new ArrayList<>()).add(values);
      }
    }
    return ScriptPlan.assemble(globals, ScriptPlan.columns(head), functions);
  }

  /// What `describe` assigns, by its text; a name that only hides in a value is told apart by
  /// [ScriptPlan], with which the result is compared.
  private static List<String> assigned(String head) {
    String describe = head.substring(head.indexOf("describe() {"), head.indexOf("links() {"));
    return describe
        .lines()
        .filter(l -> l.matches(" {6}[A-Z_]+=.*"))
        .map(l -> l.strip().replaceFirst("=.*", ""))
        .distinct()
        .toList();
  }

  /// Runs a program with a bare environment; what it prints on either output, and no exit code but
  /// 0.
  static String run(Path folder, String input, String... command) throws Exception {
    Result result = result(folder, input, command);
    if (result.code() != 0) {
      throw new AssertionError(
          String.join(" ", command) + ": " + result.code() + "\n" + result.out());
    }
    return result.out();
  }

  record Result(int code, String out) {}

  static Result result(Path folder, String input, String... command)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), out);
  }
}
