package io.kindling.postinstall.engine;

import io.kindling.postinstall.internal.Hash;
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.Shell;
import java.util.List;
import java.util.stream.Collectors;

/// The script of a task's items on a host: `items.sh` and a call for each item, every value quoted.
/// Pure.
final class Payload {

  private Payload() {}

  /// @param change false only looks
  static String of(List<Item> items, boolean change) {
    var text = new StringBuilder("export LC_ALL=C.UTF-8\nMODE=");
    text.append(change ? "apply" : "check").append('\n');
    var calls = new StringBuilder();
    for (int i = 0; i < items.size(); i++) {
      switch (items.get(i)) {
        case Item.ManagedFile f ->
            call(
                calls,
                "managed_file",
                "" + i,
                f.secret() ? "0" : "1",
                f.path(),
                f.owner(),
                f.group(),
                f.mode(),
                Hash.sha256(f.content()),
                f.content());
        case Item.Folder(String path, String owner, String group, String mode) ->
            call(calls, "folder", "" + i, path, owner, group, mode);
        case Item.Absent(String path) -> call(calls, "absent", "" + i, path);
        case Item.Packages(List<String> names) ->
            call(calls, "packages " + i, names.toArray(String[]::new));
        case Item.Unit u -> {
          calls.append("unit ").append(i).append(' ').append(Shell.quote(u.name()));
          calls.append(u.enabled() ? " 1" : " 0").append(u.running() ? " 1" : " 0");
          u.restartAfter().forEach(file -> calls.append(' ').append(Shell.quote(file)));
          calls.append('\n');
        }
        case Item.Action(String _, Command present, List<Command> apply) -> {
          probe(text, i, present);
          text.append("apply_").append(i).append("() {\n");
          apply.forEach(c -> text.append("  run ").append(words(c)).append(" || return\n"));
          text.append("}\n");
          calls.append("action ").append(i).append('\n');
        }
        case Item.Gate gate -> {
          probe(text, i, gate.ready());
          calls.append("gate ").append(i).append(' ').append(gate.patience().toSeconds());
          calls.append('\n');
        }
      }
    }
    return text.append(Resources.text(Payload.class, "items.sh")).append(calls).toString();
  }

  /// The script as a job of its own on the host: it goes on when the connection breaks, and the
  /// same call joins it. Its text, which may hold secrets, is gone once the job has ended.
  ///
  /// @param job a name for the task on the host
  /// @param owner changes with the host's installation
  /// @param run the run that was followed before, empty where none
  /// @param skip how many of its lines were seen
  static Script job(String job, String payload, String owner, String run, int skip, boolean sudo) {
    String hash = Hash.of(payload);
    String end = "KINDLING-END-" + Hash.sha256(payload);
    String text =
        "KINDLING_RUN=${KINDLING_RUN:-/run/kindling}/tasks/"
            + job
            + "\numask 077\njob=$KINDLING_RUN/jobs/"
            + job
            + "\nmkdir -p \"$job\" || exit 125\ncat >\"$job/new\" <<'"
            + end
            + "'\n"
            + payload
            + "\n"
            + end
            + "\nmv -f \"$job/new\" \"$job/script."
            + hash
            + "\" || exit 125\ntrap 'rm -f \"$job\"/script.*' EXIT\n"
            + Resources.follow();
    Script script = Script.of(text, job, hash, owner, run, "" + skip);
    return sudo ? script.withSudo() : script;
  }

  /// Ends that job where it runs.
  static Script stop(String job, boolean sudo) {
    Script script =
        Script.of(
            "KINDLING_RUN=${KINDLING_RUN:-/run/kindling}/tasks/" + job + "\n" + Resources.stop());
    return sudo ? script.withSudo() : script;
  }

  private static void probe(StringBuilder text, int i, Command command) {
    text.append("probe_").append(i).append("() { ").append(words(command));
    text.append(" </dev/null; }\n");
  }

  private static void call(StringBuilder to, String function, String... values) {
    to.append(function);
    for (String value : values) {
      to.append(' ').append(Shell.quote(value));
    }
    to.append('\n');
  }

  private static String words(Command command) {
    return command.argv().stream().map(Shell::quote).collect(Collectors.joining(" "));
  }
}
