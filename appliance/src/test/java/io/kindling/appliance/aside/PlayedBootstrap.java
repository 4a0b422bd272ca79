package io.kindling.appliance.aside;

import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.LineSink;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// A machine in the bootstrap, as far as SSH shows it.
public final class PlayedBootstrap implements SshConnector {
  /// What was run on it, and where: `root@10.20.0.100 blank`.
  public final List<String> ran = new ArrayList<>();

  /// The scripts of that.
  public final List<String> scripts = new ArrayList<>();

  /// How the next runs end; when empty, well.
  public final Deque<ExitStatus> ends = new ArrayDeque<>();

  public String says = "";
  public boolean answers = true;

  /// Runs before each script ends.
  public Runnable meanwhile = () -> {};

  @Override
  public Connection connect(String address, int port, String user, List<String> hostKeys) {
    return answers
        ? new Connected(new Session(user + "@" + address))
        : new Refused(Reason.UNREACHABLE, "no route");
  }

  private final class Session implements SshSession {
    private final String at;

    Session(String at) {
      this.at = at;
    }

    @Override
    public ExitStatus run(Script script, LineSink out, Duration limit) {
      String text = script.text();
      String what =
          script.arguments().isEmpty()
              ? text.contains("authorized_keys") ? "let in" : "restart"
              : script.arguments().getFirst().replace("--until=", "");
      ran.add(at + " " + what);
      scripts.add(text);
      if (!says.isEmpty()) {
        out.line(says);
      }
      meanwhile.run();
      return ends.isEmpty() ? new ExitStatus.Exited(0) : ends.pop();
    }

    @Override
    public ExitStatus put(byte[] content, String path, String mode, Duration limit) {
      throw new AssertionError("nothing is copied");
    }

    @Override
    public boolean alive() {
      return true;
    }

    @Override
    public void close() {}
  }
}
