package io.kindling.postinstall.bootstrap;

import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.InstallPlan.Bootstrap;
import io.kindling.postinstall.bootstrap.Ended.Away;
import io.kindling.postinstall.bootstrap.Ended.Done;
import io.kindling.postinstall.bootstrap.Ended.Failed;
import io.kindling.postinstall.bootstrap.Ended.Refused;
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.LineSink;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.Shell;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Machines in the bootstrap, over SSH as root. Each call is one connection; all of them may be
/// repeated. Thread-safe.
public final class Bootstraps {
  private static final String ROOT = "root";
  private static final Duration SHORT = Duration.ofMinutes(1);
  private static final Duration CHECK = Duration.ofMinutes(10);
  private static final Duration WIPE = Duration.ofMinutes(60);

  /// What the partition script ends with where it has changed nothing.
  private static final int REFUSED = 10;

  private static final Pattern ERROR = Pattern.compile("KINDLING-ERROR (\\S+) (.*)");

  private final SshConnector connector;

  /// @param connector with the appliance's key
  public Bootstraps(SshConnector connector) {
    this.connector = connector;
  }

  /// Looks whether the disks of a partition script may be cleared; changes nothing.
  public Ended check(Bootstrap at, String script, LineSink log) throws InterruptedException {
    return run(at, Script.of(script, "--until=check"), log, CHECK);
  }

  /// Clears the disks of a partition script, and no others.
  public Ended wipe(Bootstrap at, String script, LineSink log) throws InterruptedException {
    return run(at, Script.of(script, "--until=blank"), log, WIPE);
  }

  /// Lets these public keys in as root beside the appliance's, until the machine is restarted.
  public Ended letIn(Bootstrap at, List<String> keys, LineSink log) throws InterruptedException {
    String values = "KEYS=" + Shell.quote(String.join("\n", keys)) + "\n";
    return run(at, Script.of(values + Resources.text(Bootstraps.class, "let-in.sh")), log, SHORT);
  }

  /// Restarts the machine: it boots what its boot answer is by now.
  public Ended restart(Bootstrap at, LineSink log) throws InterruptedException {
    return run(
        at,
        Script.of(
            Resources.text(Resources.class, "lib.sh")
                + Resources.text(Resources.class, "restart.sh")),
        log,
        SHORT);
  }

  private Ended run(Bootstrap at, Script script, LineSink log, Duration limit)
      throws InterruptedException {
    return switch (connector.connect(at.address(), at.port(), ROOT, at.hostKeys())) {
      case SshConnector.Refused(var reason, String detail) ->
          new Away(
              switch (reason) {
                case UNREACHABLE -> InstallError.UNREACHABLE;
                case WRONG_HOST_KEY -> InstallError.WRONG_HOST_KEY;
                case AUTHENTICATION -> InstallError.KEY_REFUSED;
              },
              detail);
      case Connected(SshSession session) -> {
        try (session) {
          var named = new Named(log);
          yield ended(session.run(script, named, limit), named);
        }
      }
    };
  }

  private static Ended ended(ExitStatus status, Named named) {
    return switch (status) {
      case ExitStatus.Exited(int code) when code == 0 -> new Done();
      case ExitStatus.Exited(int code) -> {
        String error = named.error == null ? InstallError.SCRIPT_FAILED.id() : named.error;
        String reason = named.error == null ? "exit " + code + " " + named.last : named.reason;
        yield code == REFUSED ? new Refused(error, reason) : new Failed(error, reason);
      }
      case ExitStatus.TimedOut(Duration limit) ->
          new Failed(
              InstallError.TIME_LIMIT.id(),
              InstallError.TIME_LIMIT.summary() + " " + limit.toMinutes() + " min");
      case ExitStatus.Lost(String why) -> new Away(InstallError.CONNECTION_LOST, why);
    };
  }

  /// Hands lines on and keeps the first that names an error.
  private static final class Named implements LineSink {
    private final LineSink log;
    private @Nullable String error;
    private String reason = "";
    private String last = "";

    Named(LineSink log) {
      this.log = log;
    }

    @Override
    public synchronized void line(String line) {
      log.line(line);
      last = line;
      Matcher found = ERROR.matcher(line);
      if (error == null && found.matches()) {
        error = found.group(1);
        reason = found.group(2);
      }
    }
  }
}
