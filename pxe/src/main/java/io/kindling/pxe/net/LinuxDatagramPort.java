package io.kindling.pxe.net;

import io.kindling.pxe.PxeException;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A UDP socket, bound to a device where one is named: it then sees that device's broadcasts only,
/// and what it sends to 255.255.255.255 leaves by it and not by the default route.
///
/// A thread waits in the kernel for datagrams and takes those that have gathered at one call;
/// whoever sends does so in its own thread. A packet costs two system calls and no change of
/// thread. Thread-safe.
public final class LinuxDatagramPort implements DatagramPort {
  /// IFNAMSIZ, the NUL included (linux/if.h).
  public static final int MAX_INTERFACE_NAME = 15;

  /// A rack that powers on sends some thousand packets within a second.
  private static final int RECEIVE_BUFFER = 16 << 20;

  private static final int SEND_BUFFER = 1 << 20;
  private static final int MAX_DATAGRAM = 2048;
  private static final int MAX_RECEIVED_AT_ONCE = 32;

  /// What a UDP message may be at most, and so what one call may send.
  private static final int MAX_SENT_AT_ONCE = 65_507;

  /// What the kernel cuts at most at one call (UDP_MAX_SEGMENTS, linux/udp.h).
  private static final int MAX_SEGMENTS = 64;

  private static final int EINTR = 4;
  private static final int EIO = 5;
  private static final int EINVAL = 22;
  private static final Duration END = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(LinuxDatagramPort.class);
  private static final ThreadLocal<UdpSocket.Outbox> OUTBOX =
      ThreadLocal.withInitial(() -> new UdpSocket.Outbox(MAX_SENT_AT_ONCE, Arena.ofAuto()));

  private final UdpSocket socket;
  private final InetSocketAddress local;
  private final int ifIndex;
  private final Thread thread;

  /// Held by those who send, so that nobody does so on a descriptor that is another's by now.
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

  private volatile boolean closing;

  private LinuxDatagramPort(String threadName, UdpSocket socket, int ifIndex, Receiver receiver) {
    this.socket = socket;
    this.local = socket.localAddress();
    this.ifIndex = ifIndex;
    // It waits in the kernel, where a virtual one would hold a carrier.
    this.thread = Thread.ofPlatform().daemon().name(threadName).unstarted(() -> receive(receiver));
  }

  /// Binds and starts to receive.
  ///
  /// @throws PxeException PXE-008 where the socket cannot be had
  public static LinuxDatagramPort open(
      String threadName, Optional<String> device, InetSocketAddress local, Receiver receiver) {
    return open(threadName, device, local, false, receiver);
  }

  /// Binds several sockets to one port, each with its thread: the kernel gives all datagrams of one
  /// sender to the same of them.
  ///
  /// @param local port 0 for any, the same for all
  /// @param receiver called by as many threads
  /// @throws PxeException PXE-008 where one cannot be had; none stays open then
  public static List<LinuxDatagramPort> openShared(
      String threadName, int sockets, InetSocketAddress local, Receiver receiver) {
    var open = new ArrayList<LinuxDatagramPort>();
    try {
      InetSocketAddress at = local;
      for (int i = 0; i < sockets; i++) {
        var port = open(threadName + "-" + i, Optional.empty(), at, true, receiver);
        open.add(port);
        at = port.local;
      }
      return List.copyOf(open);
    } catch (PxeException e) {
      open.forEach(LinuxDatagramPort::close);
      throw e;
    }
  }

  private static LinuxDatagramPort open(
      String threadName,
      Optional<String> device,
      InetSocketAddress local,
      boolean shared,
      Receiver receiver) {
    int ifIndex = device.map(name -> RawSocket.device(name).getIndex()).orElse(0);
    UdpSocket socket = UdpSocket.open(device, local, shared, RECEIVE_BUFFER, SEND_BUFFER);
    LinuxDatagramPort port = new LinuxDatagramPort(threadName, socket, ifIndex, receiver);
    port.thread.start();
    return port;
  }

  private void receive(Receiver receiver) {
    try (Arena arena = Arena.ofConfined()) {
      UdpSocket.Inbox inbox = socket.new Inbox(MAX_RECEIVED_AT_ONCE, MAX_DATAGRAM, arena);
      while (!closing) {
        int got = inbox.receive();
        if (got < 0 && got != -EINTR) {
          // An ICMP error of some earlier datagram, a device that went down: the socket lives on.
          LOG.debug("UDP socket {}: errno {}", local, -got);
        }
        for (int i = 0; i < got && !closing; i++) {
          handOn(new Datagram(inbox.payload(i), inbox.from(i), ifIndex), receiver);
        }
      }
    } finally {
      use.writeLock().lock();
      try {
        closing = true;
        socket.close();
      } finally {
        use.writeLock().unlock();
      }
    }
  }

  private void handOn(Datagram datagram, Receiver receiver) {
    try {
      receiver.received(this, datagram);
    } catch (RuntimeException e) {
      LOG.error("A datagram from {} could not be handled", datagram.from(), e);
    }
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public boolean send(ByteBuffer payload, InetSocketAddress to) {
    return transmit(payload, 0, to) == 0;
  }

  /// All at one call: the kernel, at best the network card, cuts them apart (udp(7), UDP_SEGMENT).
  @Override
  public boolean sendEach(ByteBuffer payloads, int size, InetSocketAddress to) {
    int length = payloads.remaining();
    if (length <= size || length > MAX_SENT_AT_ONCE || length > (long) size * MAX_SEGMENTS) {
      return DatagramPort.super.sendEach(payloads, size, to);
    }
    return switch (transmit(payloads, size, to)) {
      case 0 -> true;
      // Datagrams larger than the route's MTU, or a device that sums nothing: one by one it goes.
      case EINVAL, EIO -> DatagramPort.super.sendEach(payloads, size, to);
      default -> false;
    };
  }

  private int transmit(ByteBuffer payload, int segment, InetSocketAddress to) {
    use.readLock().lock();
    try {
      if (closing || payload.remaining() > MAX_SENT_AT_ONCE) {
        return EINVAL;
      }
      int errno = socket.send(payload, segment, to, OUTBOX.get());
      if (errno != 0) {
        LOG.debug("UDP {} to {}: errno {}", local, to, errno);
      }
      return errno;
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public void close() {
    use.readLock().lock();
    try {
      if (closing) {
        return;
      }
      closing = true;
      socket.wake();
    } finally {
      use.readLock().unlock();
    }
    try {
      if (Thread.currentThread() != thread && !thread.join(END)) {
        LOG.warn("The thread of UDP {} is busy and ends later", local);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
