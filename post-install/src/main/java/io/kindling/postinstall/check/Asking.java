package io.kindling.postinstall.check;

import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.ExitStatus.Exited;
import io.kindling.postinstall.ssh.ExitStatus.Lost;
import io.kindling.postinstall.ssh.ExitStatus.TimedOut;
import io.kindling.postinstall.ssh.LineSink;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshConnector.Refused;
import io.kindling.postinstall.ssh.SshSession;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/// Runs a check's programs on hosts, as root. Thread-safe.
final class Asking {

  private static final int LINE = 76;

  private final SshConnector connector;

  Asking(SshConnector connector) {
    this.connector = connector;
  }

  /// @return `answers` where the script ran to a good end, else why not
  String run(Host host, Script script, LineSink out, Duration limit) throws InterruptedException {
    return switch (connector.connect(host.address(), host.port(), host.user(), host.hostKeys())) {
      case Refused(SshConnector.Reason _, String detail) -> detail;
      case Connected(SshSession session) -> {
        try (session) {
          ExitStatus status = session.run(script.withSudo(), out, limit);
          yield switch (status) {
            case Exited(int code) -> code == 0 ? "answers" : "exit " + code;
            case Lost(String why) -> "connection lost: " + why;
            case TimedOut(Duration after) -> "no answer within " + after.toSeconds() + " s";
          };
        }
      }
    };
  }

  /// A Python program with its plan, both gone from the host afterwards.
  ///
  /// @param resource beside this class
  /// @param plan JSON
  /// @param modules that it imports, beside it
  static Script program(String resource, String plan, String... modules) {
    var text = new StringBuilder("folder=$(mktemp -d) || exit 1\ntrap 'rm -rf \"$folder\"' EXIT\n");
    file("plan.json", plan, text);
    for (String module : modules) {
      file(module, Resources.text(Asking.class, module), text);
    }
    file("check.py", Resources.text(Asking.class, resource), text);
    return Script.of(text + "python3 \"$folder/check.py\" \"$folder/plan.json\" </dev/null\n");
  }

  /// Base64 holds nothing that a shell or a here-document takes for its own.
  private static void file(String name, String content, StringBuilder script) {
    script
        .append("base64 -d >\"$folder/")
        .append(name)
        .append("\" <<'KINDLING-END'\n")
        .append(base64(content))
        .append("\nKINDLING-END\n");
  }

  private static String base64(String text) {
    return Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII))
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
