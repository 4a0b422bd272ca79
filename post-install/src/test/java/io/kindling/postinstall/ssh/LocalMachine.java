package io.kindling.postinstall.ssh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A machine that is a folder: scripts run in this machine's shell, with `/run/kindling` in it.
/// Connections can be refused and cut. Thread-safe.
public final class LocalMachine implements SshConnector {

  private final Path root;
  private final List<LocalSession> open = new ArrayList<>();
  private int connections;
  private boolean down;
  private Predicate<String> cutAfterLine = line -> false;

  public LocalMachine(Path root) {
    this.root = root;
  }

  @Override
  public synchronized Connection connect(
      String address, int port, String user, List<String> hostKeys) {
    if (down) {
      return new Refused(Reason.UNREACHABLE, "down");
    }
    connections++;
    var session = new LocalSession();
    open.add(session);
    return new Connected(session);
  }

  public synchronized void down(boolean down) {
    this.down = down;
  }

  public synchronized int connections() {
    return connections;
  }

  /// Cuts the connection right after a line that fits was handed on.
  public synchronized void cutAfter(Predicate<String> line) {
    cutAfterLine = line;
  }

  /// Cuts every connection.
  public void cut() {
    List<LocalSession> all;
    synchronized (this) {
      all = List.copyOf(open);
      open.clear();
    }
    all.forEach(LocalSession::close);
  }

  private synchronized boolean cutsAfter(String line) {
    return cutAfterLine.test(line);
  }

  private final class LocalSession implements SshSession {

    private final List<Process> running = new ArrayList<>();
    private boolean closed;

    @Override
    public ExitStatus run(Script script, LineSink out, Duration limit) throws InterruptedException {
      Process process;
      try {
        var command = new ArrayList<>(List.of("sh", "-s", "--"));
        command.addAll(script.arguments());
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KINDLING_RUN", root.toString());
        synchronized (this) {
          if (closed) {
            return new ExitStatus.Lost("closed");
          }
          process = builder.start();
          running.add(process);
        }
        try (var in = process.getOutputStream()) {
          in.write(script.text().getBytes(StandardCharsets.UTF_8));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Thread reader = Thread.startVirtualThread(() -> read(process, out));
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return new ExitStatus.TimedOut(limit);
      }
      reader.join();
      synchronized (this) {
        return closed ? new ExitStatus.Lost("cut") : new ExitStatus.Exited(process.exitValue());
      }
    }

    private void read(Process process, LineSink out) {
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          synchronized (this) {
            if (closed) {
              return;
            }
          }
          out.line(line);
          if (cutsAfter(line)) {
            close();
            return;
          }
        }
      } catch (IOException e) {
        // cut
      }
    }

    @Override
    public ExitStatus put(byte[] content, String path, String mode, Duration limit) {
      Path to = Path.of(path.replace("/run/kindling", root.toString()));
      try {
        synchronized (this) {
          if (closed) {
            return new ExitStatus.Lost("closed");
          }
        }
        Files.createDirectories(to.getParent());
        Files.write(to, content);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwx------"));
        return new ExitStatus.Exited(0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public synchronized boolean alive() {
      return !closed;
    }

    @Override
    public synchronized void close() {
      closed = true;
      running.forEach(Process::destroyForcibly); // the follower, not the job it started
    }
  }
}
