package io.kindling.postinstall.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Session;
import org.jspecify.annotations.Nullable;

/// One connection of [SshjConnector].
final class SshjSession implements SshSession {

  private final SSHClient client;

  SshjSession(SSHClient client) {
    this.client = client;
  }

  @Override
  public ExitStatus run(Script script, LineSink out, Duration limit) throws InterruptedException {
    return exec(script.command(), script.text().getBytes(StandardCharsets.UTF_8), out, limit);
  }

  @Override
  public ExitStatus put(byte[] content, String path, String mode, Duration limit)
      throws InterruptedException {
    if (!mode.matches("[0-7]{3,4}")) {
      throw new IllegalArgumentException("not an octal mode: " + mode);
    }
    String to = Shell.quote(path);
    String part = Shell.quote(path + ".part");
    // The byte count guards against a connection that ends in the middle of the file.
    String command =
        "umask 077 && cat >%s && test \"$(wc -c <%s)\" -eq %d && chmod %s %s && mv -f %s %s"
            .formatted(part, part, content.length, mode, part, part, to);
    return exec(command, content, line -> {}, limit);
  }

  @Override
  public boolean alive() {
    return client.isConnected() && client.isAuthenticated();
  }

  @Override
  public void close() {
    SshjConnector.close(client);
  }

  private ExitStatus exec(String command, byte[] input, LineSink out, Duration limit)
      throws InterruptedException {
    Object order = new Object();
    LineSink oneAtATime =
        line -> {
          synchronized (order) {
            out.line(line);
          }
        };
    try (Session session = client.startSession()) {
      Session.Command running = session.exec(command);
      Thread feeder = Thread.startVirtualThread(() -> feed(running, input));
      Thread output = Thread.startVirtualThread(() -> lines(running.getInputStream(), oneAtATime));
      Thread errors = Thread.startVirtualThread(() -> lines(running.getErrorStream(), oneAtATime));
      try {
        running.join(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS);
      } catch (IOException e) {
        if (caused(e, InterruptedException.class)) {
          throw new InterruptedException();
        }
        if (caused(e, TimeoutException.class) && client.isConnected()) {
          return new ExitStatus.TimedOut(limit);
        }
        return new ExitStatus.Lost(SshjConnector.words(e));
      }
      output.join();
      errors.join();
      feeder.join();
      Integer code = running.getExitStatus();
      if (code != null) {
        return new ExitStatus.Exited(code);
      }
      var signal = running.getExitSignal();
      return signal != null
          ? new ExitStatus.Exited(128 + number(signal.toString()))
          : new ExitStatus.Lost("the channel was closed without an exit status");
    } catch (IOException e) {
      if (caused(e, InterruptedException.class)) {
        throw new InterruptedException();
      }
      return new ExitStatus.Lost(SshjConnector.words(e));
    }
  }

  private static void feed(Session.Command running, byte[] input) {
    try (OutputStream to = running.getOutputStream()) {
      to.write(input);
    } catch (IOException e) {
      // The command ended before it read everything, or the connection went: the exit status says.
      org.slf4j.LoggerFactory.getLogger(SshjSession.class).debug("stdin: {}", e.toString());
    }
  }

  private static void lines(InputStream from, LineSink out) {
    var line = new StringBuilder();
    var buffer = new char[4096];
    try (var reader = new InputStreamReader(from, StandardCharsets.UTF_8)) {
      for (int n = reader.read(buffer); n >= 0; n = reader.read(buffer)) {
        for (int i = 0; i < n; i++) {
          if (buffer[i] == '\n') {
            out.line(line.toString());
            line.setLength(0);
          } else if (line.length() < LineSink.LONGEST) {
            line.append(buffer[i]);
          }
        }
      }
      if (!line.isEmpty()) {
        out.line(line.toString());
      }
    } catch (IOException e) {
      // The connection went; the exit status says so. Half a line is worse than none.
      org.slf4j.LoggerFactory.getLogger(SshjSession.class).debug("output: {}", e.toString());
    }
  }

  private static boolean caused(@Nullable Throwable e, Class<? extends Throwable> kind) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (kind.isInstance(t)) {
        return true;
      }
    }
    return false;
  }

  private static int number(String signal) {
    return switch (signal) {
      case "HUP" -> 1;
      case "INT" -> 2;
      case "QUIT" -> 3;
      case "ABRT" -> 6;
      case "KILL" -> 9;
      case "SEGV" -> 11;
      case "PIPE" -> 13;
      case "TERM" -> 15;
      default -> 0;
    };
  }
}
