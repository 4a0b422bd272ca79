package io.kindling.postinstall.engine;

import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.Sleeper;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshConnector.Connection;
import io.kindling.postinstall.ssh.SshConnector.Refused;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// One connection to each host, opened when it is needed first and again when it is gone. A host's
/// connection is asked for by one thread at a time; otherwise thread-safe.
final class Sessions implements AutoCloseable {

  private final SshConnector connector;
  private final Clock clock;
  private final Sleeper sleeper;
  private final EngineSettings settings;
  private final Map<String, SshSession> open = new ConcurrentHashMap<>();

  Sessions(SshConnector connector, Clock clock, Sleeper sleeper, EngineSettings settings) {
    this.connector = connector;
    this.clock = clock;
    this.sleeper = sleeper;
    this.settings = settings;
  }

  sealed interface Link {}

  record Up(SshSession session) implements Link {}

  record Down(Finding why) implements Link {}

  /// A living connection; tries again as long as the settings allow.
  Link get(Host host, Consumer<String> log, Cancellation cancellation) throws InterruptedException {
    Instant end = clock.instant().plus(settings.reconnect());
    Duration pause = settings.firstRetry();
    String told = "";
    while (true) {
      if (cancellation.requested()) {
        return new Down(Finding.of(EngineError.CANCELLED, ""));
      }
      switch (once(host)) {
        case Connected(SshSession session) -> {
          return new Up(session);
        }
        case Refused(SshConnector.Reason reason, String detail) -> {
          if (!detail.equals(told)) {
            log.accept("no connection yet: " + detail);
            told = detail;
          }
          if (!clock.instant().isBefore(end)) {
            return new Down(Finding.of(error(reason), detail));
          }
        }
      }
      sleeper.sleep(pause, cancellation);
      pause = longer(pause);
    }
  }

  /// One attempt, or the connection that lives.
  Connection once(Host host) throws InterruptedException {
    SshSession session = open.get(host.name());
    if (session != null && session.alive()) {
      return new Connected(session);
    }
    drop(host);
    Connection made = connector.connect(host.address(), host.port(), host.user(), host.hostKeys());
    if (made instanceof Connected(SshSession fresh)) {
      open.put(host.name(), fresh);
    }
    return made;
  }

  /// The next pause between attempts.
  Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(settings.longestRetry()) > 0 ? settings.longestRetry() : doubled;
  }

  /// Closes the host's connection, where there is one; anybody may call it.
  void drop(Host host) {
    SshSession session = open.remove(host.name());
    if (session != null) {
      session.close();
    }
  }

  @Override
  public void close() {
    open.values().forEach(SshSession::close);
    open.clear();
  }

  private static EngineError error(SshConnector.Reason reason) {
    return switch (reason) {
      case UNREACHABLE -> EngineError.UNREACHABLE;
      case WRONG_HOST_KEY -> EngineError.WRONG_HOST_KEY;
      case AUTHENTICATION -> EngineError.KEY_REFUSED;
    };
  }
}
