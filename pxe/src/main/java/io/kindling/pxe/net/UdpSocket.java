package io.kindling.pxe.net;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
import io.kindling.pxe.dhcp.wire.Ipv4;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The system calls of one IPv4 UDP socket (udp(7), recvmmsg(2), sendmsg(2)), which Java's own
/// sockets do not offer: many datagrams at a call, and a device to be bound to. One thread receives
/// while others send; nobody may use it once it is closed.
final class UdpSocket {
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_BROADCAST = 6;
  private static final int SO_SNDBUF = 7;
  private static final int SO_RCVBUF = 8;
  private static final int SO_REUSEPORT = 15;
  private static final int SO_BINDTODEVICE = 25;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SOL_UDP = 17;
  private static final int UDP_SEGMENT = 103;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_WAITFORONE = 0x10000;
  private static final int SHUT_RDWR = 2;

  // struct sockaddr_in: family, port and address (network order)
  private static final int ADDRESS_SIZE = 16;
  // struct msghdr: name, namelen, iov, iovlen, control, controllen, flags
  private static final int MESSAGE_SIZE = 56;
  // struct mmsghdr: msghdr, length
  private static final int VECTOR_SIZE = 64;
  private static final int LENGTH_AT = 56;
  private static final int IOVEC_SIZE = 16;
  // struct cmsghdr: length, level, type; then the number, padded
  private static final int CONTROL_SIZE = 24;
  private static final int CONTROL_LENGTH = 18;

  private static final ValueLayout.OfShort NET_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt NET_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SOCKET = function("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = function("bind", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle NAME = function("getsockname", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SET_OPTION =
      function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SHUTDOWN = function("shutdown", JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = function("close", JAVA_INT);
  private static final MethodHandle RECEIVE =
      function("recvmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle SEND = function("sendmsg", JAVA_INT, ADDRESS, JAVA_INT);

  private final int descriptor;

  private UdpSocket(int descriptor) {
    this.descriptor = descriptor;
  }

  private static MethodHandle function(String name, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(JAVA_INT, arguments),
        Linker.Option.captureCallState("errno"));
  }

  /// A bound socket that may broadcast.
  ///
  /// @param device what it sees and sends by, where one is named
  /// @param shared whether others of this kind may have the same port (socket(7), SO_REUSEPORT):
  ///   the kernel gives each of them the datagrams of some senders
  /// @throws PxeException PXE-008
  static UdpSocket open(
      Optional<String> device,
      InetSocketAddress local,
      boolean shared,
      int receiveBuffer,
      int sendBuffer) {
    String what = "UDP " + local + device.map(name -> " on " + name).orElse("");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int made = (int) SOCKET.invokeExact(state, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      check(made, state, what);
      UdpSocket socket = new UdpSocket(made);
      try {
        socket.number(SO_BROADCAST, 1, arena, state);
        // More than the host's limit takes CAP_NET_ADMIN: as much as there is, then.
        if (socket.number(SO_RCVBUFFORCE, receiveBuffer, arena, state) != 0) {
          socket.number(SO_RCVBUF, receiveBuffer, arena, state);
        }
        socket.number(SO_SNDBUF, sendBuffer, arena, state);
        if (shared && local.getPort() != 0) {
          socket.share(arena, state, what);
        }
        if (device.isPresent()) {
          MemorySegment name = arena.allocateFrom(device.get(), StandardCharsets.UTF_8);
          check(socket.option(SO_BINDTODEVICE, name, (int) name.byteSize(), state), state, what);
        }
        MemorySegment address = arena.allocate(ADDRESS_SIZE, 8);
        write(local, address);
        check((int) BIND.invokeExact(state, made, address, ADDRESS_SIZE), state, what);
        if (shared && local.getPort() == 0) {
          // Not before: "any port" might then be one that others share.
          socket.share(arena, state, what);
        }
        return socket;
      } catch (Throwable e) {
        socket.close();
        throw e;
      }
    } catch (PxeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(what, e);
    }
  }

  private void share(Arena arena, MemorySegment state, String what) throws Throwable {
    check(number(SO_REUSEPORT, 1, arena, state), state, what);
  }

  private int number(int option, int value, Arena arena, MemorySegment state) throws Throwable {
    return option(option, arena.allocateFrom(JAVA_INT, value), Integer.BYTES, state);
  }

  private int option(int option, MemorySegment value, int size, MemorySegment state)
      throws Throwable {
    return (int) SET_OPTION.invokeExact(state, descriptor, SOL_SOCKET, option, value, size);
  }

  private static void check(int result, MemorySegment state, String what) {
    if (result < 0) {
      throw new PxeException(PxeError.SOCKET_FAILED, what + ": errno " + errno(state) + ".");
    }
  }

  private static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  private static void write(InetSocketAddress from, MemorySegment to) {
    to.set(JAVA_SHORT, 0, (short) AF_INET);
    to.set(NET_SHORT, 2, (short) from.getPort());
    to.set(NET_INT, 4, from.getAddress() instanceof Inet4Address v4 ? Ipv4.number(v4) : 0);
  }

  private static InetSocketAddress read(MemorySegment from, long at) {
    InetAddress address = Ipv4.of(from.get(NET_INT, at + 4));
    return new InetSocketAddress(address, Short.toUnsignedInt(from.get(NET_SHORT, at + 2)));
  }

  InetSocketAddress localAddress() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment address = arena.allocate(ADDRESS_SIZE, 8);
      MemorySegment size = arena.allocateFrom(JAVA_INT, ADDRESS_SIZE);
      check((int) NAME.invokeExact(state, descriptor, address, size), state, "getsockname()");
      return read(address, 0);
    } catch (PxeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("getsockname()", e);
    }
  }

  /// Room for what one call receives. Belongs to one thread.
  final class Inbox {
    private final int datagrams;
    private final int most;
    private final MemorySegment state;
    private final MemorySegment vector;
    private final MemorySegment addresses;
    private final MemorySegment content;

    /// @param most bytes of a datagram; of longer ones the rest is lost
    Inbox(int datagrams, int most, Arena arena) {
      this.datagrams = datagrams;
      this.most = most;
      state = arena.allocate(STATE);
      vector = arena.allocate((long) VECTOR_SIZE * datagrams, 8);
      addresses = arena.allocate((long) ADDRESS_SIZE * datagrams, 8);
      content = arena.allocate((long) most * datagrams, 8);
      MemorySegment pieces = arena.allocate((long) IOVEC_SIZE * datagrams, 8);
      for (int i = 0; i < datagrams; i++) {
        MemorySegment piece = pieces.asSlice((long) IOVEC_SIZE * i, IOVEC_SIZE);
        piece.set(ADDRESS, 0, content.asSlice((long) most * i, most));
        piece.set(JAVA_LONG, 8, most);
        long at = (long) VECTOR_SIZE * i;
        vector.set(ADDRESS, at, addresses.asSlice((long) ADDRESS_SIZE * i, ADDRESS_SIZE));
        vector.set(ADDRESS, at + 16, piece);
        vector.set(JAVA_LONG, at + 24, 1);
      }
    }

    /// Waits for a datagram and takes those behind it too; how many, or the negated errno.
    int receive() {
      for (int i = 0; i < datagrams; i++) {
        vector.set(JAVA_INT, (long) VECTOR_SIZE * i + 8, ADDRESS_SIZE);
      }
      try {
        int got =
            (int)
                RECEIVE.invokeExact(
                    state, descriptor, vector, datagrams, MSG_WAITFORONE, MemorySegment.NULL);
        return got < 0 ? -errno(state) : got;
      } catch (Throwable e) {
        throw new IllegalStateException("recvmmsg()", e);
      }
    }

    InetSocketAddress from(int datagram) {
      return read(addresses, (long) ADDRESS_SIZE * datagram);
    }

    ByteBuffer payload(int datagram) {
      byte[] bytes = new byte[vector.get(JAVA_INT, (long) VECTOR_SIZE * datagram + LENGTH_AT)];
      MemorySegment.copy(content, JAVA_BYTE, (long) most * datagram, bytes, 0, bytes.length);
      return ByteBuffer.wrap(bytes);
    }
  }

  /// Room for what one call sends. Belongs to one thread; serves any socket.
  static final class Outbox {
    private final MemorySegment state;
    private final MemorySegment message;
    private final MemorySegment address;
    private final MemorySegment piece;
    private final MemorySegment control;
    private final MemorySegment content;
    private final ByteBuffer room;

    Outbox(int most, Arena arena) {
      state = arena.allocate(STATE);
      message = arena.allocate(MESSAGE_SIZE, 8);
      address = arena.allocate(ADDRESS_SIZE, 8);
      piece = arena.allocate(IOVEC_SIZE, 8);
      control = arena.allocate(CONTROL_SIZE, 8);
      content = arena.allocate(most, 8);
      room = content.asByteBuffer();
      piece.set(ADDRESS, 0, content);
      message.set(ADDRESS, 0, address);
      message.set(JAVA_INT, 8, ADDRESS_SIZE);
      message.set(ADDRESS, 16, piece);
      message.set(JAVA_LONG, 24, 1);
      control.set(JAVA_LONG, 0, CONTROL_LENGTH);
      control.set(JAVA_INT, 8, SOL_UDP);
      control.set(JAVA_INT, 12, UDP_SEGMENT);
    }

    int size() {
      return room.capacity();
    }
  }

  /// Sends without waiting; 0, or the errno that says why not.
  ///
  /// @param segment where it is not 0, the kernel cuts the payload into datagrams of this size
  int send(ByteBuffer payload, int segment, InetSocketAddress to, Outbox out) {
    int length = payload.remaining();
    out.room.clear().put(payload.duplicate());
    out.piece.set(JAVA_LONG, 8, length);
    write(to, out.address);
    if (segment == 0) {
      out.message.set(ADDRESS, 32, MemorySegment.NULL);
      out.message.set(JAVA_LONG, 40, 0);
    } else {
      out.control.set(JAVA_SHORT, 16, (short) segment);
      out.message.set(ADDRESS, 32, out.control);
      out.message.set(JAVA_LONG, 40, CONTROL_SIZE);
    }
    try {
      int sent = (int) SEND.invokeExact(out.state, descriptor, out.message, MSG_DONTWAIT);
      return sent < 0 ? errno(out.state) : 0;
    } catch (Throwable e) {
      throw new IllegalStateException("sendmsg()", e);
    }
  }

  /// Ends the wait of the thread that receives. ENOTCONN is what it says of a socket without a
  /// peer, and does it all the same.
  void wake() {
    try (Arena arena = Arena.ofConfined()) {
      int unused = (int) SHUTDOWN.invokeExact(arena.allocate(STATE), descriptor, SHUT_RDWR);
    } catch (Throwable e) {
      throw new IllegalStateException("shutdown()", e);
    }
  }

  void close() {
    try (Arena arena = Arena.ofConfined()) {
      int unused = (int) CLOSE.invokeExact(arena.allocate(STATE), descriptor);
    } catch (Throwable e) {
      throw new IllegalStateException("close()", e);
    }
  }
}
