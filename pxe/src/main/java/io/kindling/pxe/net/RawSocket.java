package io.kindling.pxe.net;

import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
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
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Frames of one device, or ICMP: what Java has no sockets for. Needs CAP_NET_RAW. One thread may
/// receive while others send.
final class RawSocket implements AutoCloseable {
  static final int ARP = 0x0806;
  static final int IPV4 = 0x0800;

  private static final int AF_INET = 2;
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final int IPPROTO_ICMP = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_ATTACH_FILTER = 26;
  private static final int MAX_DATAGRAM = 2048;

  /// How long an end may go unnoticed.
  private static final long RECEIVE_SECONDS = 1;

  /// One instruction of a classic BPF program (linux/filter.h).
  record Instruction(int code, int jumpTrue, int jumpFalse, int constant) {}

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SOCKET =
      function("socket", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final MethodHandle BIND =
      function("bind", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle SET_OPTION =
      function(
          "setsockopt",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_INT);
  private static final MethodHandle CLOSE = function("close", ValueLayout.JAVA_INT);
  private static final MethodHandle RECEIVE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("recv"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private static final MethodHandle SEND =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("sendto"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_INT));

  private final int socket;

  private RawSocket(int socket) {
    this.socket = socket;
  }

  private static MethodHandle function(String name, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
        Linker.Option.captureCallState("errno"));
  }

  /// Whole Ethernet frames of that type that the filter lets pass; what this host sends itself is
  /// not among them.
  static RawSocket frames(String device, int etherType, List<Instruction> filter) {
    // Bound only after the filter is in place: no frame passes it by.
    RawSocket opened = open(AF_PACKET, 0, "frames on " + device);
    try (Arena arena = Arena.ofConfined()) {
      opened.attach(filter, arena);
      // struct sockaddr_ll: family, protocol (network order), ifindex, …
      MemorySegment address = arena.allocate(20, 4);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
      address.set(ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) etherType);
      address.set(ValueLayout.JAVA_INT, 4, indexOf(device));
      MemorySegment state = arena.allocate(STATE);
      check(
          (int) BIND.invokeExact(state, opened.socket, address, 20), state, "frames on " + device);
      return opened;
    } catch (PxeException e) {
      opened.close();
      throw e;
    } catch (Throwable e) {
      opened.close();
      throw new IllegalStateException("bind()", e);
    }
  }

  /// ICMP messages, with their IP header.
  static RawSocket icmp() {
    return open(AF_INET, IPPROTO_ICMP, "ICMP");
  }

  private static RawSocket open(int family, int protocol, String what) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int socket = (int) SOCKET.invokeExact(state, family, SOCK_RAW, protocol);
      check(socket, state, what);
      // struct timeval
      MemorySegment time = arena.allocate(16, 8);
      time.set(ValueLayout.JAVA_LONG, 0, RECEIVE_SECONDS);
      check(
          (int) SET_OPTION.invokeExact(state, socket, SOL_SOCKET, SO_RCVTIMEO, time, 16),
          state,
          what);
      return new RawSocket(socket);
    } catch (PxeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("socket()", e);
    }
  }

  private void attach(List<Instruction> filter, Arena arena) throws Throwable {
    MemorySegment program = arena.allocate(8L * filter.size(), 8);
    for (int i = 0; i < filter.size(); i++) {
      Instruction one = filter.get(i);
      program.set(ValueLayout.JAVA_SHORT, 8L * i, (short) one.code());
      program.set(ValueLayout.JAVA_BYTE, 8L * i + 2, (byte) one.jumpTrue());
      program.set(ValueLayout.JAVA_BYTE, 8L * i + 3, (byte) one.jumpFalse());
      program.set(ValueLayout.JAVA_INT, 8L * i + 4, one.constant());
    }
    // struct sock_fprog: length, pointer
    MemorySegment header = arena.allocate(16, 8);
    header.set(ValueLayout.JAVA_SHORT, 0, (short) filter.size());
    header.set(ValueLayout.ADDRESS, 8, program);
    MemorySegment state = arena.allocate(STATE);
    check(
        (int) SET_OPTION.invokeExact(state, socket, SOL_SOCKET, SO_ATTACH_FILTER, header, 16),
        state,
        "a packet filter");
  }

  private static void check(int result, MemorySegment state, String what) {
    if (result < 0) {
      throw new PxeException(
          PxeError.SOCKET_FAILED,
          "A raw socket for " + what + ": errno " + (int) ERRNO.get(state, 0L) + ".");
    }
  }

  static NetworkInterface device(String name) {
    try {
      NetworkInterface found = NetworkInterface.getByName(name);
      if (found == null) {
        throw new PxeException(PxeError.SOCKET_FAILED, "There is no interface " + name + ".");
      }
      return found;
    } catch (SocketException e) {
      throw new PxeException(PxeError.SOCKET_FAILED, "Interface " + name + ".", e);
    }
  }

  private static int indexOf(String name) {
    return device(name).getIndex();
  }

  /// The next one; empty where none came for a while.
  ByteBuffer receive() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment into = arena.allocate(MAX_DATAGRAM);
      long length = (long) RECEIVE.invokeExact(socket, into, (long) MAX_DATAGRAM, 0);
      byte[] bytes = new byte[(int) Math.max(0, length)];
      MemorySegment.copy(into, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
      return ByteBuffer.wrap(bytes);
    } catch (Throwable e) {
      throw new IllegalStateException("recv()", e);
    }
  }

  /// A whole frame, by the device the socket is bound to.
  boolean send(byte[] frame) {
    try (Arena arena = Arena.ofConfined()) {
      return send(frame, MemorySegment.NULL, 0, arena);
    }
  }

  /// An IP payload to an address.
  boolean send(byte[] payload, Inet4Address to) {
    try (Arena arena = Arena.ofConfined()) {
      // struct sockaddr_in: family, port, address
      MemorySegment address = arena.allocate(16, 4);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_INET);
      MemorySegment.copy(to.getAddress(), 0, address, ValueLayout.JAVA_BYTE, 4, 4);
      return send(payload, address, 16, arena);
    }
  }

  private boolean send(byte[] bytes, MemorySegment address, int length, Arena arena) {
    try {
      MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      return (long) SEND.invokeExact(socket, from, (long) bytes.length, 0, address, length)
          == bytes.length;
    } catch (Throwable e) {
      throw new IllegalStateException("sendto()", e);
    }
  }

  @Override
  public void close() {
    try (Arena arena = Arena.ofConfined()) {
      int unused = (int) CLOSE.invokeExact(arena.allocate(STATE), socket);
    } catch (Throwable e) {
      throw new IllegalStateException("close()", e);
    }
  }
}
