package io.kindling.pxe.tftp;

import java.time.Duration;

/// Limits of the TFTP server.
///
/// @param maxBlockSize bytes of data in a block; 1468 fill an Ethernet frame
/// @param maxWindow blocks under way at once (RFC 7440); 1 to 64
/// @param firstTimeout until the first retransmission; doubles up to `lastTimeout`
/// @param maxSilence a client that has not answered for so long is given up
/// @param maxDuration of a whole transfer
/// @param maxTransfers at once; for a further request the oldest one whose client never answered is
///   given up; where all have, it goes unanswered and is repeated by its client
public record TftpConfig(
    int maxBlockSize,
    int maxWindow,
    Duration firstTimeout,
    Duration lastTimeout,
    Duration maxSilence,
    Duration maxDuration,
    int maxTransfers) {

  public static final TftpConfig DEFAULT =
      new TftpConfig(
          1468,
          16,
          Duration.ofMillis(250),
          Duration.ofSeconds(4),
          Duration.ofSeconds(30),
          Duration.ofMinutes(15),
          512);

  public TftpConfig {
    if (maxBlockSize < 8 || maxBlockSize > 65464) {
      throw new IllegalArgumentException("block size " + maxBlockSize);
    }
    if (maxWindow < 1 || maxWindow > 64) {
      throw new IllegalArgumentException("window " + maxWindow);
    }
  }
}
