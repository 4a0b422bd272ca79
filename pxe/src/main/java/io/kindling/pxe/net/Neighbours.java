package io.kindling.pxe.net;

import io.kindling.pxe.HardwareAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.Inet4Address;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// The kernel's neighbour table of one interface. A client that has just been given an address does
/// not answer ARP for it yet; with an entry made beforehand the reply reaches it all the same (RFC
/// 2131 §4.1). Needs CAP_NET_ADMIN. Thread-safe.
public final class Neighbours implements AutoCloseable {
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;
  private static final long SIOCSARP = 0x8955;
  private static final int ATF_COM = 2;
  private static final short ARPHRD_ETHER = 1;
  // struct arpreq (net/if_arp.h): sockaddr pa, sockaddr ha, int flags, sockaddr netmask, char
  // dev[16]
  private static final long PROTOCOL_ADDRESS_AT = 0;
  private static final long HARDWARE_ADDRESS_AT = 16;
  private static final long FLAGS_AT = 32;
  private static final long DEVICE_AT = 52;
  private static final long SIZE = 68;

  private final MethodHandle ioctl;
  private final MethodHandle close;
  private final VarHandle errno;
  private final StructLayout captured;
  private final byte[] device;
  private final int socket;

  /// @param device name of the interface, at most 15 bytes
  public Neighbours(String device) {
    this.device = device.getBytes(StandardCharsets.UTF_8);
    if (this.device.length > LinuxDatagramPort.MAX_INTERFACE_NAME) {
      throw new IllegalArgumentException("interface name of " + this.device.length + " bytes");
    }
    Linker linker = Linker.nativeLinker();
    SymbolLookup libc = linker.defaultLookup();
    captured = Linker.Option.captureStateLayout();
    errno = captured.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    ioctl =
        linker.downcallHandle(
            libc.findOrThrow("ioctl"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2),
            Linker.Option.captureCallState("errno"));
    close =
        linker.downcallHandle(
            libc.findOrThrow("close"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    MethodHandle open =
        linker.downcallHandle(
            libc.findOrThrow("socket"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT));
    try {
      socket = (int) open.invokeExact(AF_INET, SOCK_DGRAM, 0);
    } catch (Throwable e) {
      throw new IllegalStateException("socket()", e);
    }
  }

  /// Tells the kernel which machine has the address; 0, or the errno that says why not. The entry
  /// is "stale" from the start, so the kernel soon checks it by itself.
  public int put(Inet4Address address, HardwareAddress mac) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(SIZE, 4);
      request.set(ValueLayout.JAVA_SHORT, PROTOCOL_ADDRESS_AT, (short) AF_INET);
      copy(address.getAddress(), request, PROTOCOL_ADDRESS_AT + 4);
      request.set(ValueLayout.JAVA_SHORT, HARDWARE_ADDRESS_AT, ARPHRD_ETHER);
      copy(mac.bytes(), request, HARDWARE_ADDRESS_AT + 2);
      request.set(ValueLayout.JAVA_INT.withOrder(ByteOrder.nativeOrder()), FLAGS_AT, ATF_COM);
      copy(device, request, DEVICE_AT);
      MemorySegment state = arena.allocate(captured);
      int result = (int) ioctl.invokeExact(state, socket, SIOCSARP, request);
      return result == 0 ? 0 : (int) errno.get(state, 0L);
    } catch (Throwable e) {
      throw new IllegalStateException("ioctl(SIOCSARP)", e);
    }
  }

  private static void copy(byte[] from, MemorySegment to, long at) {
    MemorySegment.copy(from, 0, to, ValueLayout.JAVA_BYTE, at, from.length);
  }

  @Override
  public void close() {
    try {
      int unused = (int) close.invokeExact(socket);
    } catch (Throwable e) {
      throw new IllegalStateException("close()", e);
    }
  }
}
