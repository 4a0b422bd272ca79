package io.kindling.postinstall.adopt;

import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.InstallPlan.Bootstrap;
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.Shell;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshConnector.Refused;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Systems that stand on machines' disks and that this appliance did not install. Thread-safe.
public final class InstalledSystems {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int SSH = 22;
  private static final Pattern RESULT = Pattern.compile("KINDLING-RESULT (\\w+)=(.*)");
  private static final Pattern ERROR = Pattern.compile("KINDLING-ERROR (\\S+) (.*)");

  private final SshConnector connector;

  /// @param connector with this appliance's key
  public InstalledSystems(SshConnector connector) {
    this.connector = connector;
  }

  /// What is known of such a system.
  ///
  /// @param name its host name; empty where it has none
  /// @param hostKeys its SSH server's, `type base64`
  /// @param addresses those that it gives itself
  public record Found(String name, List<String> hostKeys, List<String> addresses) {
    public Found {
      hostKeys = List.copyOf(hostKeys);
      addresses = List.copyOf(addresses);
    }
  }

  /// Looks at the system on the disks of a machine that is in the bootstrap, lets a key into it,
  /// and restarts the machine, which happens also where the rest fails.
  ///
  /// @param user who may log in there
  /// @param key a public key to let in for that user; without one nothing on any disk is changed
  public Found visit(Bootstrap at, String user, Optional<String> key)
      throws AdoptionException, InterruptedException {
    String header =
        Map.of("TARGET", "/target", "USER_", user, "KEY", key.orElse("").strip())
            .entrySet()
            .stream()
            .map(e -> e.getKey() + "=" + Shell.quote(e.getValue()) + "\n")
            .sorted()
            .collect(Collectors.joining());
    String script =
        header
            + Resources.text(Resources.class, "lib.sh")
            + Resources.text(InstalledSystems.class, "adopt.sh");
    List<String> lines =
        run(connector, at.address(), at.port(), "root", at.hostKeys(), Script.of(script));
    return new Found(
        results(lines, "name").stream().findFirst().orElse(""),
        results(lines, "hostKey"),
        results(lines, "address"));
  }

  /// Runs a script as root in a system that runs.
  ///
  /// @param by logs in with the key that the system knows
  public static void take(
      SshConnector by, String address, List<String> hostKeys, String user, String script)
      throws AdoptionException, InterruptedException {
    if (address.isEmpty() || hostKeys.isEmpty()) {
      throw new AdoptionException(
          InstallError.SYSTEM_UNREACHABLE, "its disk names no address, or no SSH host key");
    }
    run(by, address, SSH, user, hostKeys, Script.of(script).withSudo());
  }

  /// Whether that system lets this appliance in by now.
  public boolean admits(String address, List<String> hostKeys, String user)
      throws InterruptedException {
    if (connector.connect(address, SSH, user, hostKeys) instanceof Connected(SshSession session)) {
      session.close();
      return true;
    }
    return false;
  }

  private static List<String> run(
      SshConnector by, String address, int port, String user, List<String> hostKeys, Script script)
      throws AdoptionException, InterruptedException {
    switch (by.connect(address, port, user, hostKeys)) {
      case Refused(var reason, String detail) -> {
        boolean installed = !user.equals("root");
        throw new AdoptionException(
            switch (reason) {
              case UNREACHABLE ->
                  installed ? InstallError.SYSTEM_UNREACHABLE : InstallError.UNREACHABLE;
              case WRONG_HOST_KEY ->
                  installed ? InstallError.SYSTEM_WRONG_KEY : InstallError.WRONG_HOST_KEY;
              case AUTHENTICATION ->
                  installed ? InstallError.SYSTEM_KEY_REFUSED : InstallError.KEY_REFUSED;
            },
            detail);
      }
      case Connected(SshSession session) -> {
        var lines = new ArrayList<String>();
        try (session) {
          ExitStatus status = session.run(script, lines::add, LIMIT);
          if (!status.success()) {
            throw failed(status, lines);
          }
          return lines;
        }
      }
    }
  }

  private static AdoptionException failed(ExitStatus status, List<String> lines) {
    for (String line : lines) {
      Matcher named = ERROR.matcher(line);
      if (named.matches()) {
        for (InstallError error : InstallError.values()) {
          if (error.id().equals(named.group(1))) {
            return new AdoptionException(error, named.group(2));
          }
        }
      }
    }
    String said = String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    return new AdoptionException(InstallError.SCRIPT_FAILED, status + " " + said);
  }

  private static List<String> results(List<String> lines, String key) {
    return lines.stream()
        .map(RESULT::matcher)
        .filter(m -> m.matches() && m.group(1).equals(key))
        .map(m -> m.group(2).strip())
        .filter(value -> !value.isEmpty())
        .distinct()
        .toList();
  }
}
