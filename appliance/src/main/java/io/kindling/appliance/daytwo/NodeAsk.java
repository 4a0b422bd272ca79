package io.kindling.appliance.daytwo;

import io.kindling.postinstall.daytwo.DayTwoError;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshConnector.Refused;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Asks nodes what they have, over SSH; changes nothing on them. Thread-safe.
public final class NodeAsk {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern NAMED = Pattern.compile("KINDLING-ERROR (\\S+) (.*)");

  private final SshConnector connector;

  public NodeAsk(SshConnector connector) {
    this.connector = connector;
  }

  /// The script's output, by line.
  ///
  /// @throws DayTwoException where it did not end well, with the error that it names
  List<String> ask(Host host, Script script) throws InterruptedException {
    switch (connector.connect(host.address(), host.port(), host.user(), host.hostKeys())) {
      case Refused(var _, String detail) ->
          throw new DayTwoException(DayTwoError.NO_ANSWER, host.name() + ": " + detail);
      case Connected(SshSession session) -> {
        var lines = new ArrayList<String>();
        try (session) {
          ExitStatus status = session.run(script, lines::add, LIMIT);
          if (status instanceof ExitStatus.Exited(int code) && code == 0) {
            return lines;
          }
          throw failed(host, status, lines);
        }
      }
    }
  }

  /// The same of the first that answers.
  List<String> askAny(List<Host> hosts, Script script) throws InterruptedException {
    DayTwoException last = new DayTwoException(DayTwoError.NO_ANSWER, "no host to ask");
    for (Host host : hosts) {
      try {
        return ask(host, script);
      } catch (DayTwoException e) {
        if (!e.finding().error().equals(DayTwoError.NO_ANSWER.id())) {
          throw e;
        }
        last = e;
      }
    }
    throw last;
  }

  private static DayTwoException failed(Host host, ExitStatus status, List<String> lines) {
    for (String line : lines) {
      Matcher named = NAMED.matcher(line);
      if (named.matches()) {
        for (DayTwoError error : DayTwoError.values()) {
          if (error.id().equals(named.group(1))) {
            return new DayTwoException(error, named.group(2));
          }
        }
      }
    }
    String said = String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    return new DayTwoException(
        DayTwoError.NO_ANSWER, "%s: %s %s".formatted(host.name(), status, said));
  }

  /// Words of lines that begin with that one.
  static List<String[]> tagged(List<String> lines, String tag) {
    return lines.stream()
        .map(line -> line.split(" "))
        .filter(words -> words[0].equals(tag))
        .map(words -> Arrays.copyOfRange(words, 1, words.length))
        .toList();
  }
}
