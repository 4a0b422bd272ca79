package io.kindling.postinstall.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelDataReceiver;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/// A command of the test server, run by this machine's shell. Apache's own process shell polls its
/// streams, and the stream that it gives a command for its input can end with the last bytes unread
/// (2 of 400 files of 3 MB, on a busy machine). So what comes is received here, and each stream has
/// a thread of its own.
final class ProcessCommand implements Command, ChannelDataReceiver {
  private static final byte[] END = new byte[0];

  private final String command;
  private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
  private OutputStream out;
  private OutputStream err;
  private ExitCallback exit;
  private Process process;

  ProcessCommand(String command) {
    this.command = command;
  }

  @Override
  public void setInputStream(InputStream in) {
    throw new IllegalStateException("the input is received");
  }

  @Override
  public int data(ChannelSession channel, byte[] bytes, int start, int length) {
    received.add(Arrays.copyOfRange(bytes, start, start + length));
    return length;
  }

  @Override
  public void close() {
    received.add(END);
  }

  @Override
  public void setOutputStream(OutputStream out) {
    this.out = out;
  }

  @Override
  public void setErrorStream(OutputStream err) {
    this.err = err;
  }

  @Override
  public void setExitCallback(ExitCallback callback) {
    this.exit = callback;
  }

  @Override
  public void start(ChannelSession channel, Environment environment) throws IOException {
    process = new ProcessBuilder("sh", "-c", command).start();
    Thread.startVirtualThread(() -> {
      try (OutputStream to = process.getOutputStream()) {
        for (byte[] bytes = received.take(); bytes != END; bytes = received.take()) {
          to.write(bytes);
          to.flush();
        }
      } catch (IOException e) {
        // The process ended before it had read everything.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    Thread output = Thread.startVirtualThread(() -> copyQuietly(process.getInputStream(), out));
    Thread errors = Thread.startVirtualThread(() -> copyQuietly(process.getErrorStream(), err));
    Thread.startVirtualThread(() -> {
      try {
        int code = process.waitFor();
        output.join();
        errors.join();
        exit.onExit(code);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  @Override
  public void destroy(ChannelSession channel) {
    process.destroy();
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[32768];
    for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
      to.write(buffer, 0, n);
      to.flush();
    }
  }

  private static void copyQuietly(InputStream from, OutputStream to) {
    try {
      copy(from, to);
    } catch (IOException e) {
      // The channel went away.
    }
  }
}
