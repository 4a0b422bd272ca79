package io.kindling.pxe.tftp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TransferTest {
  private static final long MS = 1_000_000;

  private final List<ByteBuffer> sent = new ArrayList<>();
  private long now = -5; // System.nanoTime may be anything

  private Transfer transfer(byte[] content, Map<String, String> options) {
    BlockSource source = new BlockSource.Memory(content);
    Transfer transfer =
        new Transfer(
            source,
            Negotiation.of(options, source.size(), TftpConfig.DEFAULT),
            TftpConfig.DEFAULT,
            this::cut,
            now);
    transfer.start(now);
    return transfer;
  }

  private void cut(ByteBuffer datagrams, int size) {
    while (datagrams.hasRemaining()) {
      byte[] datagram = new byte[Math.min(size, datagrams.remaining())];
      datagrams.get(datagram);
      sent.add(ByteBuffer.wrap(datagram));
    }
  }

  private static Map<String, String> options(String... pairs) {
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      options.put(pairs[i], pairs[i + 1]);
    }
    return options;
  }

  private List<String> taken() {
    List<String> names =
        sent.stream()
            .map(bytes ->
                switch (bytes.getShort(0)) {
                  case TftpPacket.DATA ->
                      Short.toUnsignedInt(bytes.getShort(2)) + ":" + (bytes.remaining() - 4);
                  case TftpPacket.OACK -> "OACK";
                  default -> "error " + bytes.getShort(2);
                })
            .toList();
    sent.clear();
    return names;
  }

  @Test
  void withoutOptionsTheFirstBlockComesAtOnceAndAShortBlockEnds() {
    Transfer transfer = transfer(new byte[700], Map.of());
    assertThat(taken()).containsExactly("1:512");
    transfer.acknowledge(1, now);
    assertThat(taken()).containsExactly("2:188");
    transfer.acknowledge(2, now);
    assertThat(taken()).isEmpty();
    assertThat(transfer.state()).isEqualTo(Transfer.State.COMPLETED);
  }

  @Test
  void aFileOfWholeBlocksEndsWithAnEmptyOne() {
    Transfer transfer = transfer(new byte[1024], Map.of());
    transfer.acknowledge(1, now);
    transfer.acknowledge(2, now);
    assertThat(taken()).containsExactly("1:512", "2:512", "3:0");
    transfer.acknowledge(3, now);
    assertThat(transfer.state()).isEqualTo(Transfer.State.COMPLETED);
  }

  @Test
  void anEmptyFileIsOneEmptyBlock() {
    Transfer transfer = transfer(new byte[0], Map.of());
    assertThat(taken()).containsExactly("1:0");
    transfer.acknowledge(1, now);
    assertThat(transfer.state()).isEqualTo(Transfer.State.COMPLETED);
  }

  @Test
  void optionsAreAcknowledgedBeforeTheFirstBlock() {
    Transfer transfer = transfer(new byte[3000], options("tsize", "0", "blksize", "1468"));
    assertThat(taken()).containsExactly("OACK");
    transfer.acknowledge(0, now);
    assertThat(taken()).containsExactly("1:1468");
  }

  @Test
  void aDuplicateAckDoesNotSendTheNextBlockTwice() {
    Transfer transfer = transfer(new byte[3000], Map.of());
    transfer.acknowledge(1, now);
    taken();
    transfer.acknowledge(1, now);
    transfer.acknowledge(1, now);
    assertThat(taken()).isEmpty();
  }

  @Test
  void anAckOfABlockNeverSentIsIgnored() {
    Transfer transfer = transfer(new byte[3000], Map.of());
    taken();
    transfer.acknowledge(5, now);
    transfer.acknowledge(65535, now);
    assertThat(taken()).isEmpty();
  }

  @Test
  void theBlockCounterWrapsToZero() {
    int blocks = 70_000;
    Transfer transfer = transfer(new byte[8 * blocks], options("blksize", "8"));
    transfer.acknowledge(0, now);
    for (int block = 1; block <= blocks + 1; block++) {
      assertThat(transfer.state()).isEqualTo(Transfer.State.RUNNING);
      sent.clear();
      transfer.acknowledge(block & 0xffff, now);
    }
    assertThat(transfer.state()).isEqualTo(Transfer.State.COMPLETED);
    assertThat(transfer.acknowledgedBytes()).isEqualTo(8L * blocks);
  }

  @Test
  void aLostBlockIsSentAgainWithGrowingPatience() {
    Transfer transfer = transfer(new byte[3000], Map.of());
    taken();
    List<Long> at = new ArrayList<>();
    for (long ms = 1; ms <= 8000; ms++) {
      transfer.tick(now + ms * MS);
      if (!taken().isEmpty()) {
        at.add(ms);
      }
    }
    assertThat(at).containsExactly(250L, 750L, 1750L, 3750L, 7750L);
  }

  @Test
  void anOptionAckIsRepeatedAfterASecondBecauseAtftpGivesUpOverTwo() {
    Transfer transfer = transfer(new byte[3000], options("blksize", "1428"));
    assertThat(taken()).containsExactly("OACK");
    transfer.tick(now + 999 * MS);
    assertThat(taken()).isEmpty();
    transfer.tick(now + 1000 * MS);
    assertThat(taken()).containsExactly("OACK");
    transfer.acknowledge(0, now + 1001 * MS);
    assertThat(taken()).containsExactly("1:1428");
    transfer.tick(now + 1251 * MS);
    assertThat(taken()).containsExactly("1:1428");
  }

  @Test
  void theClientsTimeoutReplacesTheServers() {
    Transfer transfer = transfer(new byte[3000], options("timeout", "3"));
    assertThat(taken()).containsExactly("OACK");
    transfer.tick(now + 2999 * MS);
    assertThat(taken()).isEmpty();
    transfer.tick(now + 3000 * MS);
    assertThat(taken()).containsExactly("OACK");
  }

  @Test
  void aSilentClientIsGivenUp() {
    Transfer transfer = transfer(new byte[3000], Map.of());
    for (long ms = 0; ms <= 40_000; ms += 50) {
      transfer.tick(now + ms * MS);
    }
    assertThat(transfer.state()).isEqualTo(Transfer.State.FAILED);
    assertThat(transfer.retransmits()).isLessThan(20);
  }

  @Test
  void aTransferHasAnEndHoweverSlowItsClient() {
    Transfer transfer = transfer(new byte[8 << 20], Map.of());
    long end = TftpConfig.DEFAULT.maxDuration().plus(Duration.ofSeconds(10)).toMillis();
    int block = 1;
    for (long ms = 0; ms <= end && transfer.state() == Transfer.State.RUNNING; ms += 1000) {
      transfer.tick(now + ms * MS);
      transfer.acknowledge(block++, now + ms * MS);
    }
    assertThat(transfer.state()).isEqualTo(Transfer.State.FAILED);
  }

  @Test
  void leavingAfterTheSizeIsAProbeAndNoFailure() {
    for (int code : new int[] {0, 8}) {
      Transfer transfer = transfer(new byte[3000], options("tsize", "0"));
      transfer.error(new TftpPacket.Error(code, "User aborted the transfer"));
      assertThat(transfer.state()).isEqualTo(Transfer.State.PROBED);
    }
    Transfer other = transfer(new byte[3000], options("tsize", "0"));
    other.error(new TftpPacket.Error(3, "disk full"));
    assertThat(other.state()).isEqualTo(Transfer.State.FAILED);
  }

  @Test
  void aWindowIsSentAtOnceAndGoesOnAfterItsLastAckedBlock() {
    Transfer transfer = transfer(new byte[512 * 9], options("windowsize", "4"));
    transfer.acknowledge(0, now);
    assertThat(taken()).containsExactly("OACK", "1:512", "2:512", "3:512", "4:512");
    transfer.acknowledge(2, now); // RFC 7440 §4: block 3 was lost
    assertThat(taken()).containsExactly("3:512", "4:512", "5:512", "6:512");
    transfer.acknowledge(6, now);
    assertThat(taken()).containsExactly("7:512", "8:512", "9:512", "10:0");
  }

  @Test
  void rfc7440Section4ALostFirstBlockIsSentAgainAtTheFirstRepeatedAckAndOnlyThen() {
    Transfer transfer = transfer(new byte[512 * 30], options("windowsize", "4"));
    transfer.acknowledge(0, now);
    transfer.acknowledge(4, now);
    taken();
    // Block 5 was lost: the receiver says "4" for each of 6, 7 and 8.
    transfer.acknowledge(4, now);
    assertThat(taken()).containsExactly("5:512", "6:512", "7:512", "8:512");
    transfer.acknowledge(4, now);
    transfer.acknowledge(4, now);
    assertThat(taken()).isEmpty();
    transfer.acknowledge(8, now);
    assertThat(taken()).containsExactly("9:512", "10:512", "11:512", "12:512");
    assertThat(transfer.retransmits()).isEqualTo(1);
  }

  @Test
  void rfc7440Section4TheAcksOfBlocksBehindAGapSendNothingTwice() {
    Transfer transfer = transfer(new byte[512 * 30], options("windowsize", "4"));
    transfer.acknowledge(0, now);
    taken();
    transfer.acknowledge(1, now); // 2 was lost, 3 and 4 each say so
    assertThat(taken()).containsExactly("2:512", "3:512", "4:512", "5:512");
    transfer.acknowledge(1, now);
    assertThat(taken()).isEmpty();
  }

  @Test
  void aRepeatedAckThatWasLostTooIsMendedByTheTimerAndThenByTheNextOne() {
    Transfer transfer = transfer(new byte[512 * 30], options("windowsize", "4"));
    transfer.acknowledge(0, now);
    transfer.acknowledge(0, now);
    taken();
    transfer.tick(now + 250 * MS);
    assertThat(taken()).containsExactly("1:512", "2:512", "3:512", "4:512");
    transfer.acknowledge(0, now + 251 * MS);
    assertThat(taken()).containsExactly("1:512", "2:512", "3:512", "4:512");
  }

  @Test
  void theLostEndOfAWindowIsMissedAfterFourRoundTripsAndNotSooner() {
    Transfer transfer = transfer(new byte[512 * 90], options("windowsize", "4"));
    transfer.acknowledge(0, now);
    transfer.acknowledge(4, now + 20 * MS);
    taken();
    transfer.tick(now + 99 * MS);
    assertThat(taken()).isEmpty();
    transfer.tick(now + 100 * MS);
    assertThat(taken()).hasSize(4);
  }

  @Test
  void whatIsNegotiatedStaysWithinBounds() {
    TftpConfig config = TftpConfig.DEFAULT;
    assertThat(Negotiation.of(options("blksize", "65464"), 1, config).accepted())
        .containsEntry("blksize", "1468");
    assertThat(Negotiation.of(options("blksize", "1428"), 1, config).blockSize()).isEqualTo(1428);
    assertThat(Negotiation.of(options("windowsize", "100"), 1, config).accepted())
        .containsEntry("windowsize", "16");
    assertThat(
            Negotiation.of(
                    options(
                        "blksize",
                        "7",
                        "timeout",
                        "0",
                        "windowsize",
                        "0",
                        "tsize",
                        "-1",
                        "multicast",
                        "",
                        "blksize2",
                        "99999999999999999999"),
                    1,
                    config)
                .accepted())
        .isEmpty();
    assertThat(Negotiation.of(options("tsize", "0"), 4711, config).accepted())
        .containsExactly(Map.entry("tsize", "4711"));
  }

  @Test
  void aClientThatAsksAnewIsDoneIfItWasSentEverything() {
    Transfer whole = transfer(new byte[100], Map.of());
    whole.supersede();
    assertThat(whole.state()).isEqualTo(Transfer.State.COMPLETED);
    Transfer half = transfer(new byte[1000], Map.of());
    half.supersede();
    assertThat(half.state()).isEqualTo(Transfer.State.FAILED);
  }

  @Test
  void netasciiEndsLinesAsTheNetworkDoes() {
    assertThat(BlockSource.netascii("a\nb\rc".getBytes())).isEqualTo("a\r\nb\r\0c".getBytes());
  }

  @Test
  void anyBytesAreReadWithoutAnException() {
    Random random = new Random(69);
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = new byte[random.nextInt(80)];
      random.nextBytes(bytes);
      if (bytes.length > 1) {
        bytes[0] = 0;
        bytes[1] = (byte) random.nextInt(8);
      }
      assertThat(TftpPacket.decode(ByteBuffer.wrap(bytes))).isNotNull();
    }
  }

  @Test
  void halfAnOptionAtTheEndOfARequestIsNone() {
    ByteBuffer bytes = ByteBuffer.wrap("\0\1file\0OCTET\0BlkSize\0001428\0tsize\0".getBytes());
    assertThat(TftpPacket.decode(bytes))
        .isEqualTo(new TftpPacket.Read("file", "octet", Map.of("blksize", "1428")));
  }
}
