package io.kindling.isobuild.internal;

import io.kindling.isobuild.IsoBuildException;
import io.kindling.isobuild.IsoError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Held while an artefact is built in a cache: by one thread of one process. run.sh takes a folder
/// of another build for a leftover, so a build has its folder only while it holds this.
public final class BuildLock implements AutoCloseable {

  /// Between two tries to lock what another thread of this process has locked.
  private static final long RETRY_MILLIS = 200;

  private final FileChannel channel;

  private BuildLock(FileChannel channel) {
    this.channel = channel;
  }

  /// Waits until nobody else builds that artefact there.
  ///
  /// @param cache must exist
  public static BuildLock take(Path cache, String artefact) throws IOException {
    FileChannel channel =
        FileChannel.open(
            cache.resolve("." + artefact + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    try {
      lock(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    return new BuildLock(channel);
  }

  private static void lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        channel.lock();
        return;
      } catch (OverlappingFileLockException heldByThisProcess) {
        // The lock is the process's; another thread has it.
        try {
          Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IsoBuildException(IsoError.INTERRUPTED, "waiting for another build", e);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close(); // and the lock with it
  }
}
