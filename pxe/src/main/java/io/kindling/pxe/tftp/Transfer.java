package io.kindling.pxe.tftp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// One file on its way to one client: the sender's side of RFC 1350, 2347 and 7440. It knows no
/// clock and no socket; times are nanoseconds of the caller's. Not thread-safe but for [#unheard]
/// and [#startedAt].
final class Transfer {

  enum State {
    RUNNING,
    COMPLETED,
    /// The client only wanted the size.
    PROBED,
    /// The client refused or fell silent, or the file could not be read.
    FAILED
  }

  /// The server's timer ticks no faster.
  private static final long LEAST_TIMEOUT = 50_000_000;

  /// atftp gives up over an OACK that comes twice, so one is repeated only when it was lost for
  /// sure.
  private static final long OPTION_ACK_TIMEOUT = 1_000_000_000;

  private final BlockSource source;
  private final Negotiation negotiation;
  private final TftpConfig config;
  private final Consumer<ByteBuffer> out;
  private final long startedAt;
  private volatile boolean unheard = true;
  private final long lastBlock;

  private State state = State.RUNNING;
  private String reason = "";
  private boolean awaitsOptionAck;
  private long acknowledged;
  private long sent;
  private long heardAt;
  private long windowSentAt;
  private long roundTrip;
  private boolean resent;
  private long timeout;
  private long deadline;
  private long retransmits;

  /// @param out sends a datagram to the client
  Transfer(
      BlockSource source,
      Negotiation negotiation,
      TftpConfig config,
      Consumer<ByteBuffer> out,
      long now) {
    this.source = source;
    this.negotiation = negotiation;
    this.config = config;
    this.out = out;
    this.startedAt = now;
    this.heardAt = now;
    // A last block that is not full ends the file, be it empty (RFC 1350 §2).
    this.lastBlock = source.size() / negotiation.blockSize() + 1;
    this.awaitsOptionAck = !negotiation.accepted().isEmpty();
  }

  void start(long now) {
    if (awaitsOptionAck) {
      out.accept(TftpPacket.optionAck(negotiation.accepted()));
    } else {
      sendWindow();
    }
    arm(now);
  }

  /// @param wireBlock the 16 bits of the ACK; counters wrap to 0
  void acknowledge(int wireBlock, long now) {
    unheard = false;
    if (state != State.RUNNING) {
      return;
    }
    if (awaitsOptionAck) {
      if (wireBlock == 0) {
        awaitsOptionAck = false;
        proceed(now);
      }
      return;
    }
    long block = acknowledged + ((wireBlock - acknowledged) & 0xffff);
    if (block > sent) {
      return; // of a block that was never sent: an old one, from before the counter wrapped
    }
    if (block == acknowledged) {
      repeated(now);
      return;
    }
    boolean whole = block == sent;
    if (whole) {
      long sample = now - windowSentAt;
      roundTrip = roundTrip == 0 ? sample : (7 * roundTrip + sample) / 8;
    }
    acknowledged = block;
    if (acknowledged == lastBlock) {
      end(State.COMPLETED, "");
    } else {
      // What was behind a gap is still on its way and will be answered by the same ACK again.
      resent = !whole;
      proceed(now);
    }
  }

  /// A second ACK of the same block. In lock-step it is a duplicate; to answer it would double
  /// every block from here on (Sorcerer's Apprentice, RFC 1123 §4.2.3.1), and a lost block is the
  /// timer's business. In a window it is how the receiver says that the first block was lost (RFC
  /// 7440 §4), once for each block that came behind it: the first of these is answered.
  private void repeated(long now) {
    if (negotiation.window() == 1 || resent) {
      return;
    }
    resent = true;
    retransmits++;
    sent = acknowledged;
    sendWindow();
    arm(now);
  }

  private void proceed(long now) {
    heardAt = now;
    sent = acknowledged;
    sendWindow();
    arm(now);
  }

  private void arm(long now) {
    windowSentAt = now;
    timeout =
        negotiation.timeoutSeconds() > 0
            ? negotiation.timeoutSeconds() * 1_000_000_000L
            : firstTimeout();
    deadline = now + timeout;
  }

  /// Clients that know windows are quick: of a window whose end was lost they hear nothing more, so
  /// four round trips are enough to know. Lock-step clients may be slow ROMs.
  private long firstTimeout() {
    long most = config.firstTimeout().toNanos();
    if (awaitsOptionAck) {
      return Math.max(most, OPTION_ACK_TIMEOUT);
    }
    return negotiation.window() == 1 || roundTrip == 0
        ? most
        : Math.clamp(4 * roundTrip, Math.min(LEAST_TIMEOUT, most), most);
  }

  private void sendWindow() {
    long until = Math.min(acknowledged + negotiation.window(), lastBlock);
    while (state == State.RUNNING && sent < until) {
      send(++sent);
    }
  }

  private void send(long block) {
    long offset = (block - 1) * negotiation.blockSize();
    int length = (int) Math.min(negotiation.blockSize(), source.size() - offset);
    ByteBuffer packet = ByteBuffer.allocate(4 + length);
    packet.putShort((short) TftpPacket.DATA).putShort((short) block);
    try {
      source.read(offset, packet);
      out.accept(packet.flip());
    } catch (IOException e) {
      end(State.FAILED, "file: " + e.getMessage());
      out.accept(TftpPacket.error(TftpError.NOT_DEFINED, "the file cannot be read"));
    }
  }

  void error(TftpPacket.Error error) {
    if (state != State.RUNNING) {
      return;
    }
    // EDK2 and others ask with tsize, leave with error 8 (or 0) and come again without it.
    boolean probe =
        negotiation.asksSize() && acknowledged == 0 && (error.code() == 8 || error.code() == 0);
    end(probe ? State.PROBED : State.FAILED, "client: " + error.code() + " " + error.message());
  }

  /// Sends again what got no answer in time, or gives up.
  void tick(long now) {
    if (state != State.RUNNING || now - deadline < 0) {
      return;
    }
    if (now - heardAt >= config.maxSilence().toNanos()) {
      end(State.FAILED, "no answer after block " + acknowledged);
      return;
    }
    if (now - startedAt >= config.maxDuration().toNanos()) {
      end(State.FAILED, "took too long");
      out.accept(TftpPacket.error(TftpError.NOT_DEFINED, "the transfer took too long"));
      return;
    }
    retransmits++;
    if (awaitsOptionAck) {
      out.accept(TftpPacket.optionAck(negotiation.accepted()));
    } else {
      sent = acknowledged;
      resent = false;
      sendWindow();
      windowSentAt = now;
    }
    timeout = Math.max(timeout, Math.min(2 * timeout, config.lastTimeout().toNanos()));
    deadline = now + timeout;
  }

  /// The client asks for something else from the same port, as ROMs with a fixed port do. If all
  /// was sent, its last ACK is merely late: requests and ACKs come in by different ports.
  void supersede() {
    if (state == State.RUNNING) {
      boolean allSent = !awaitsOptionAck && sent == lastBlock;
      end(allSent ? State.COMPLETED : State.FAILED, "the client began anew");
    }
  }

  void cancel(String why) {
    if (state == State.RUNNING) {
      end(State.FAILED, why);
    }
  }

  private void end(State how, String why) {
    state = how;
    reason = why;
  }

  State state() {
    return state;
  }

  String reason() {
    return reason;
  }

  /// Whether nothing but the first packet has been sent: a repeated request then changes nothing.
  boolean untouched() {
    return acknowledged == 0;
  }

  /// Whether the client has not acknowledged anything yet, and so may not be there at all.
  boolean unheard() {
    return unheard;
  }

  long startedAt() {
    return startedAt;
  }

  long retransmits() {
    return retransmits;
  }

  long acknowledgedBytes() {
    return Math.min(acknowledged * negotiation.blockSize(), source.size());
  }

  void close() throws IOException {
    source.close();
  }
}
