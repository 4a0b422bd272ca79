package io.kindling.pxe.net;

import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.apache.mina.core.buffer.IoBuffer;
import org.apache.mina.core.service.IoHandlerAdapter;
import org.apache.mina.core.session.IoSession;
import org.apache.mina.core.session.IoSessionRecycler;
import org.apache.mina.transport.socket.nio.NioDatagramAcceptor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A UDP socket on MINA, one acceptor per bound address. MINA would recycle sessions by remote
/// address and local port, so that two local addresses answer as one; here a session lasts for one
/// datagram and carries no state. Thread-safe.
public final class MinaDatagramPort implements DatagramPort {
  private static final int MAX_DATAGRAM = 2048;
  private static final int RECEIVE_BUFFER = 1 << 20;
  private static final Logger LOG = LoggerFactory.getLogger(MinaDatagramPort.class);

  private final NioDatagramAcceptor acceptor;
  private final InetSocketAddress local;

  private MinaDatagramPort(NioDatagramAcceptor acceptor, InetSocketAddress local) {
    this.acceptor = acceptor;
    this.local = local;
  }

  /// Binds and starts to receive.
  ///
  /// @throws PxeException PXE-008 where the socket cannot be had
  public static MinaDatagramPort open(InetSocketAddress local, Receiver receiver) {
    NioDatagramAcceptor acceptor = new NioDatagramAcceptor();
    acceptor.setSessionRecycler(IoSessionRecycler.NOOP);
    acceptor.getSessionConfig().setReadBufferSize(MAX_DATAGRAM);
    acceptor.getSessionConfig().setReceiveBufferSize(RECEIVE_BUFFER);
    Handler handler = new Handler(receiver);
    acceptor.setHandler(handler);
    try {
      acceptor.bind(local);
    } catch (IOException | RuntimeException e) {
      acceptor.dispose();
      throw new PxeException(
          PxeError.SOCKET_FAILED, "UDP " + local + ": " + e.getMessage() + ".", e);
    }
    MinaDatagramPort port = new MinaDatagramPort(acceptor, acceptor.getLocalAddress());
    handler.serve(port);
    return port;
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public boolean send(ByteBuffer payload, InetSocketAddress to) {
    IoSession session = acceptor.newSession(to, local);
    session
        .write(IoBuffer.wrap(payload.slice()))
        .addListener(future -> future.getSession().closeNow());
    return true;
  }

  @Override
  public void close() {
    acceptor.unbind();
    acceptor.dispose();
  }

  private static final class Handler extends IoHandlerAdapter {
    private final Receiver receiver;
    private volatile @Nullable DatagramPort port;

    Handler(Receiver receiver) {
      this.receiver = receiver;
    }

    void serve(DatagramPort served) {
      port = served;
    }

    @Override
    public void messageReceived(IoSession session, Object message) {
      DatagramPort served = port;
      if (served != null && message instanceof IoBuffer buffer) {
        ByteBuffer payload = ByteBuffer.allocate(buffer.remaining());
        payload.put(buffer.buf()).flip();
        InetSocketAddress from = (InetSocketAddress) session.getRemoteAddress();
        receiver.received(served, new Datagram(payload, from, 0));
      }
      session.closeNow();
    }

    @Override
    public void exceptionCaught(IoSession session, Throwable cause) {
      // Out of this method an exception would stop the acceptor for a second.
      LOG.error("A datagram from {} could not be handled", session.getRemoteAddress(), cause);
      session.closeNow();
    }
  }
}
