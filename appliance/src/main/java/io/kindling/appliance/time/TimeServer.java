package io.kindling.appliance.time;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.net.Cidr;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives the machines of the provisioning network this machine's time: a chrony of its own, which
/// never touches the clock (`-x`) and answers as a local source of stratum 10 (chrony.conf(5),
/// `local … orphan`). What keeps this machine's clock is not its business. All it is told stands on
/// its command line, so it needs no file that a security policy would keep from it.
///
/// Thread-safe.
public final class TimeServer implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(TimeServer.class);

  /// Where Debian's AppArmor profile lets chronyd write.
  private static final Path RUN = Path.of("/run/chrony");

  private static final Duration END = Duration.ofSeconds(5);

  /// NTP's port (RFC 5905 §7.2).
  public static final int PORT = 123;

  private final Cidr address;
  private final int port;
  private @Nullable Process process;
  private boolean closed;

  /// @param address where to answer, and the network that is answered
  public TimeServer(Cidr address, int port) {
    this.address = address;
    this.port = port;
  }

  List<String> command() {
    var command = new ArrayList<>(List.of("chronyd", "-x", "-d", "-u", "root"));
    command.add("bindaddress " + Addresses.text(address.address()));
    command.add("allow " + address.network());
    command.add("port " + port);
    command.add("local stratum 10 orphan");
    command.add("cmdport 0");
    command.add("bindcmdaddress /");
    command.add("pidfile " + pidFile());
    return command;
  }

  private Path pidFile() {
    return RUN.resolve("kindling-" + Addresses.text(address.address()) + "-" + port + ".pid");
  }

  /// Starts it; where that is impossible the appliance goes on without, and says so.
  public synchronized void start() {
    try {
      Files.createDirectories(RUN);
      Files.deleteIfExists(pidFile()); // of a run that was killed; its number may be another's now
      var builder = new ProcessBuilder(command()).redirectErrorStream(true);
      Process started = builder.start();
      started.getOutputStream().close();
      process = started;
      Thread.ofVirtual().name("time-server").start(() -> follow(started));
    } catch (IOException e) {
      missing("chronyd cannot be started: " + e.getMessage());
    }
  }

  private void follow(Process started) {
    String last = "";
    try (BufferedReader lines = started.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        logger.debug("chronyd: {}", line);
        last = line;
      }
    } catch (IOException e) {
      last = String.valueOf(e.getMessage()); // it was ended while this read
    }
    if (!isClosed()) {
      missing("chronyd ended: " + last);
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private static void missing(String seen) {
    logger.warn(
        "{} {}: {}. {}",
        ApplianceError.TIME_SERVER.id(),
        ApplianceError.TIME_SERVER.summary(),
        seen,
        ApplianceError.TIME_SERVER.cure());
  }

  @Override
  public void close() {
    Process now;
    synchronized (this) {
      closed = true;
      now = process;
      process = null;
    }
    if (now == null) {
      return;
    }
    now.destroy();
    try {
      if (!now.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
        now.destroyForcibly();
      }
    } catch (InterruptedException e) {
      now.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
