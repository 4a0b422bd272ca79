package io.kindling.postinstall.internal;

import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.LineSink;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A node without a shell: tasks answer with canned lines; it is in the bootstrap, booting, or in
/// its installed system. Confined to one test thread.
final class ScriptedNode implements SshConnector {

  static final String HOST_KEY = "ssh-ed25519 INSTALLED";

  enum Running {
    BOOTSTRAP,
    NOTHING,
    SYSTEM
  }

  Running running = Running.BOOTSTRAP;

  /// What the rebooted node runs.
  Running afterReboot = Running.SYSTEM;

  /// Refused connections before the installed system answers.
  int bootTakes = 3;

  final List<String> done = new ArrayList<>();
  final Map<String, List<String>> lines = new HashMap<>();
  final Map<String, Integer> codes = new HashMap<>();
  boolean loseRebootAnswer;

  ScriptedNode() {
    lines.put("configure", List.of("KINDLING-RESULT hostKey=" + HOST_KEY));
    lines.put("reboot", List.of("KINDLING-RESULT bootId=old"));
    lines.put("verify", List.of("KINDLING-RESULT systemState=running"));
  }

  @Override
  public Connection connect(String address, int port, String user, List<String> hostKeys) {
    boolean wantsSystem = hostKeys.contains(HOST_KEY);
    if (wantsSystem) {
      done.add("connect " + user + "@" + address);
    }
    return switch (running) {
      case NOTHING -> {
        if (bootTakes-- <= 0) {
          running = afterReboot;
        }
        yield new Refused(Reason.UNREACHABLE, "no answer");
      }
      case BOOTSTRAP ->
          wantsSystem
              ? new Refused(Reason.WRONG_HOST_KEY, "the bootstrap's key")
              : new Connected(new Session());
      case SYSTEM ->
          wantsSystem
              ? new Connected(new Session())
              : new Refused(Reason.UNREACHABLE, "no bootstrap");
    };
  }

  private final class Session implements SshSession {

    @Override
    public ExitStatus run(Script script, LineSink out, Duration limit) {
      String name = script.arguments().isEmpty() ? "verify" : script.arguments().getFirst();
      out.line("KINDLING-RUN run-of-" + name);
      done.add(name);
      lines.getOrDefault(name, List.of()).forEach(out::line);
      if (name.equals("reboot") || name.equals("installer")) {
        running = Running.NOTHING;
        if (loseRebootAnswer) {
          return new ExitStatus.Lost("connection reset");
        }
      }
      return new ExitStatus.Exited(codes.getOrDefault(name, 0));
    }

    @Override
    public ExitStatus put(byte[] content, String path, String mode, Duration limit) {
      return new ExitStatus.Exited(0);
    }

    @Override
    public boolean alive() {
      return true;
    }

    @Override
    public void close() {}
  }
}
