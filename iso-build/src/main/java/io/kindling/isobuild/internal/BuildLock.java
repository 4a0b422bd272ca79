package io.kindling.isobuild.internal;

import io.kindling.isobuild.IsoBuildException;
import io.kindling.isobuild.IsoError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// Held while an artefact is built in a cache: by one thread of one process. run.sh takes a folder
/// of another build for a leftover, so a build has its folder only while it holds this.
public final class BuildLock implements AutoCloseable {

  /// A file's lock is its process's: among the threads of this one, a turn for each file.
  private static final ConcurrentHashMap<Path, Semaphore> TURNS = new ConcurrentHashMap<>();

  private final Semaphore turn;
  private final FileChannel channel;

  private BuildLock(Semaphore turn, FileChannel channel) {
    this.turn = turn;
    this.channel = channel;
  }

  /// Waits until nobody else builds that artefact there.
  ///
  /// @param cache must exist
  public static BuildLock take(Path cache, String artefact) throws IOException {
    Path file = cache.toRealPath().resolve("." + artefact + ".lock");
    Semaphore turn = TURNS.computeIfAbsent(file, path -> new Semaphore(1));
    try {
      turn.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IsoBuildException(IsoError.INTERRUPTED, "waiting for another build", e);
    }
    try {
      return new BuildLock(turn, locked(file));
    } catch (IOException | RuntimeException e) {
      turn.release();
      throw e;
    }
  }

  private static FileChannel locked(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      channel.lock();
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close(); // and the lock with it
    } finally {
      turn.release();
    }
  }
}
