package io.kindling.tests.rack;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// TCP connections inside a network namespace of this host: a socket stays in the namespace of the
/// thread that made it (namespaces(7)), so a thread of its own goes there, connects and ends. Needs
/// root. Thread-safe.
final class NamespaceSockets {
  private static final int CLONE_NEWNET = 0x4000_0000; // linux/sched.h
  private static final int O_RDONLY = 0;

  private final MethodHandle open;
  private final MethodHandle setns;
  private final MethodHandle close;

  NamespaceSockets() {
    open = function("open", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    setns = function("setns", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    close = function("close", ValueLayout.JAVA_INT);
  }

  private static MethodHandle function(String name, java.lang.foreign.MemoryLayout... parameters) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters));
  }

  /// Connects from inside the namespace.
  SocketChannel connect(Path namespace, SocketAddress to) throws IOException {
    var connected = new CompletableFuture<SocketChannel>();
    Thread.ofPlatform()
        .name("into " + namespace.getFileName())
        .start(() -> {
          SocketChannel channel = null;
          try {
            enter(namespace);
            channel = SocketChannel.open(StandardProtocolFamily.INET);
            channel.connect(to);
            connected.complete(channel);
          } catch (Throwable e) { // what a method handle throws
            connected.completeExceptionally(e);
            if (channel != null) {
              Forwarder.closeQuietly(channel);
            }
          }
        });
    try {
      return connected.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private void enter(Path namespace) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      int file = (int) open.invokeExact(arena.allocateFrom(namespace.toString()), O_RDONLY);
      if (file < 0 || (int) setns.invokeExact(file, CLONE_NEWNET) != 0) {
        throw new IOException("cannot enter " + namespace);
      }
      int _ = (int) close.invokeExact(file);
    }
  }
}
