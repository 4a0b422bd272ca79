package io.kindling.pxe.net;

import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A UDP socket on epoll, bound to a device where one is named: it then sees that device's
/// broadcasts only, and what it sends to 255.255.255.255 leaves by it and not by the default route.
/// One thread. Thread-safe.
public final class NettyDatagramPort implements DatagramPort {
  /// IFNAMSIZ, the NUL included (linux/if.h).
  public static final int MAX_INTERFACE_NAME = 15;

  private static final int SOL_SOCKET = 1;
  private static final int SO_BINDTODEVICE = 25;
  private static final int IFNAMSIZ = 16;
  private static final int RECEIVE_BUFFER = 4 << 20;
  private static final int SEND_BUFFER = 1 << 20;
  private static final int MAX_DATAGRAM = 2048;
  private static final int MAX_WAITING_BYTES = 1 << 20;
  private static final RawUnixChannelOption BIND_TO_DEVICE =
      new RawUnixChannelOption("SO_BINDTODEVICE", SOL_SOCKET, SO_BINDTODEVICE, IFNAMSIZ);
  private static final Logger LOG = LoggerFactory.getLogger(NettyDatagramPort.class);

  private final MultiThreadIoEventLoopGroup group;
  private final Channel channel;

  private NettyDatagramPort(MultiThreadIoEventLoopGroup group, Channel channel) {
    this.group = group;
    this.channel = channel;
  }

  /// Binds and starts to receive.
  ///
  /// @throws PxeException PXE-008 where the socket cannot be had
  public static NettyDatagramPort open(
      String threadName, Optional<String> device, InetSocketAddress local, Receiver receiver) {
    ThreadFactory threads = task -> Thread.ofPlatform().daemon().name(threadName).unstarted(task);
    MultiThreadIoEventLoopGroup group;
    try {
      group = new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory());
    } catch (UnsatisfiedLinkError e) {
      throw new PxeException(PxeError.SOCKET_FAILED, "The epoll library does not load.", e);
    }
    try {
      Handler handler = new Handler(receiver, device.map(NettyDatagramPort::indexOf).orElse(0));
      Bootstrap bootstrap =
          new Bootstrap()
              .group(group)
              .channel(EpollDatagramChannel.class)
              .option(ChannelOption.SO_BROADCAST, true)
              .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
              .option(ChannelOption.SO_SNDBUF, SEND_BUFFER)
              .option(
                  ChannelOption.WRITE_BUFFER_WATER_MARK,
                  new WriteBufferWaterMark(MAX_WAITING_BYTES / 2, MAX_WAITING_BYTES))
              .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM))
              .handler(handler);
      device.ifPresent(name -> bootstrap.option(BIND_TO_DEVICE, deviceName(name)));
      Channel channel = bootstrap.bind(local).syncUninterruptibly().channel();
      NettyDatagramPort port = new NettyDatagramPort(group, channel);
      handler.serve(port);
      return port;
    } catch (RuntimeException | Error e) {
      stop(group);
      throw failure(device, local, e);
    } catch (Exception e) { // bind() throws SocketException unchecked, past the compiler
      stop(group);
      throw failure(device, local, e);
    }
  }

  private static PxeException failure(
      Optional<String> device, InetSocketAddress local, Throwable cause) {
    return new PxeException(
        PxeError.SOCKET_FAILED,
        "UDP "
            + local
            + device.map(name -> " on " + name).orElse("")
            + ": "
            + cause.getMessage()
            + ".",
        cause);
  }

  private static int indexOf(String device) {
    try {
      NetworkInterface found = NetworkInterface.getByName(device);
      if (found == null) {
        throw new IllegalArgumentException("no interface " + device);
      }
      return found.getIndex();
    } catch (SocketException e) {
      throw new IllegalArgumentException("interface " + device, e);
    }
  }

  private static ByteBuffer deviceName(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > MAX_INTERFACE_NAME) {
      throw new IllegalArgumentException("interface name of " + bytes.length + " bytes");
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect(IFNAMSIZ);
    buffer.put(bytes).clear();
    return buffer;
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) channel.localAddress();
  }

  @Override
  public boolean send(ByteBuffer payload, InetSocketAddress to) {
    if (!channel.isWritable()) {
      return false;
    }
    channel.writeAndFlush(
        new DatagramPacket(Unpooled.wrappedBuffer(payload.slice()), to), channel.voidPromise());
    return true;
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    stop(group);
  }

  private static void stop(MultiThreadIoEventLoopGroup group) {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static final class Handler extends SimpleChannelInboundHandler<DatagramPacket> {
    private final Receiver receiver;
    private final int ifIndex;
    private volatile @Nullable DatagramPort port;

    Handler(Receiver receiver, int ifIndex) {
      this.receiver = receiver;
      this.ifIndex = ifIndex;
    }

    void serve(DatagramPort served) {
      port = served;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      DatagramPort served = port;
      if (served == null) {
        return; // between bind and start: the client asks again
      }
      ByteBuffer payload = ByteBuffer.allocate(packet.content().readableBytes());
      packet.content().readBytes(payload);
      try {
        receiver.received(served, new Datagram(payload.flip(), packet.sender(), ifIndex));
      } catch (RuntimeException e) {
        LOG.error("A datagram from {} could not be handled", packet.sender(), e);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // An ICMP error of some earlier datagram, or a send that found no route: the socket lives on.
      LOG.debug("UDP socket {}", context.channel().localAddress(), cause);
    }
  }
}
