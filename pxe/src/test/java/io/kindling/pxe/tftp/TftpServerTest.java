package io.kindling.pxe.tftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kindling.pxe.FileCatalogue;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.TestClock;
import io.kindling.pxe.files.BootFiles;
import io.kindling.pxe.net.DatagramPort;
import io.kindling.pxe.net.LinuxDatagramPort;
import io.kindling.pxe.net.MinaDatagramPort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Over real sockets on the loopback.
class TftpServerTest {
  @TempDir Path folder;

  private final PxeCounters counters = new PxeCounters();
  private final byte[] small = new byte[5000];
  private final byte[] large = new byte[5 << 20];
  private TftpServer server;
  private List<LinuxDatagramPort> sockets;
  private DatagramPort transfers;
  private final Map<InetSocketAddress, Set<String>> threads = new ConcurrentHashMap<>();
  private DatagramPort requests;
  private DatagramSocket client;

  @BeforeEach
  void start() throws IOException {
    new Random(1).nextBytes(small);
    new Random(2).nextBytes(large);
    Files.write(folder.resolve("large"), large);
    Files.writeString(folder.resolve("secret"), "not in the catalogue");
    BootFiles files =
        new BootFiles(
            new FileCatalogue(
                Map.of("large", folder.resolve("large"), "gone", folder.resolve("gone")),
                Map.of("shimx64.efi", small)),
            name -> name.equals("grub/grub.cfg") ? "constant".getBytes() : null);
    server =
        new TftpServer(
            TftpConfig.DEFAULT,
            files,
            (from, name) -> {},
            counters,
            new TestClock(),
            System::nanoTime);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    sockets =
        LinuxDatagramPort.openShared(
            "tftp-test", 3, new InetSocketAddress(loopback, 0), this::transfer);
    transfers = sockets.getFirst();
    requests =
        MinaDatagramPort.open(
            new InetSocketAddress(loopback, 0),
            (port, datagram) -> server.request(transfers, datagram));
    client = new DatagramSocket(0, loopback);
    client.setSoTimeout(5000);
  }

  @AfterEach
  void stop() {
    client.close();
    requests.close();
    sockets.forEach(LinuxDatagramPort::close);
    server.close();
  }

  private void transfer(DatagramPort port, DatagramPort.Datagram datagram) {
    threads
        .computeIfAbsent(datagram.from(), client -> ConcurrentHashMap.newKeySet())
        .add(Thread.currentThread().getName());
    server.transfer(port, datagram);
  }

  private SocketAddress reply;

  private void send(SocketAddress to, String bytes) throws IOException {
    byte[] raw = bytes.getBytes(StandardCharsets.ISO_8859_1);
    client.send(new DatagramPacket(raw, raw.length, to));
  }

  private ByteBuffer receive() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
    client.receive(packet);
    reply = packet.getSocketAddress();
    return ByteBuffer.wrap(packet.getData(), 0, packet.getLength()).slice();
  }

  private byte[] get(String name) throws IOException {
    send(requests.localAddress(), "\0\1" + name + "\0octet\0blksize\0001428\0tsize\0000\0");
    ByteBuffer oack = receive();
    assertThat(oack.getShort()).isEqualTo((short) TftpPacket.OACK);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    int block = 0;
    while (true) {
      send(reply, "\0\4" + (char) (block >> 8 & 0xff) + (char) (block & 0xff));
      ByteBuffer data = receive();
      if (data.getShort(2) != (short) (block + 1)) {
        continue; // sent again by the timer
      }
      block++;
      content.write(data.array(), data.arrayOffset() + 4, data.remaining() - 4);
      if (data.remaining() < 1432) {
        send(reply, "\0\4" + (char) (block >> 8 & 0xff) + (char) (block & 0xff));
        return content.toByteArray();
      }
    }
  }

  private int errorOf(String request) throws IOException {
    send(requests.localAddress(), request);
    ByteBuffer error = receive();
    assertThat(error.getShort()).isEqualTo((short) TftpPacket.ERROR);
    return error.getShort();
  }

  @Test
  void filesArriveWholeFromMemoryAndFromDisk() throws IOException {
    assertThat(get("shimx64.efi")).isEqualTo(small);
    assertThat(get("/shimx64.efi")).isEqualTo(small);
    assertThat(get("large")).isEqualTo(large);
    assertThat(get("grub/grub.cfg")).isEqualTo("constant".getBytes());
    await().until(() -> counters.get(PxeCounter.TFTP_COMPLETED) == 4);
    assertThat(server.activeTransfers()).isZero();
  }

  @Test
  void theAnswerComesFromThePortOfTransfers() throws IOException {
    get("shimx64.efi");
    assertThat(((InetSocketAddress) reply).getPort())
        .isEqualTo(transfers.localAddress().getPort())
        .isNotEqualTo(requests.localAddress().getPort());
  }

  @Test
  void severalSocketsShareThePortAndEachClientHasOneOfThem() throws IOException {
    assertThat(sockets)
        .extracting(LinuxDatagramPort::localAddress)
        .containsOnly(transfers.localAddress());
    for (int i = 0; i < 32; i++) {
      client.close();
      client = new DatagramSocket(0, InetAddress.getLoopbackAddress());
      client.setSoTimeout(5000);
      assertThat(get("shimx64.efi")).isEqualTo(small);
    }
    await().until(() -> counters.get(PxeCounter.TFTP_COMPLETED) == 32);
    assertThat(threads.values()).allSatisfy(used -> assertThat(used).hasSize(1));
    assertThat(threads.values().stream().flatMap(Set::stream).distinct()).hasSize(3);
  }

  @Test
  void whatIsNotInTheCatalogueIsNotFoundHoweverItIsWritten() throws IOException {
    for (String name :
        new String[] {
          "secret",
          "../secret",
          "/etc/passwd",
          "....//etc/passwd",
          folder.resolve("secret").toString(),
          "gone",
          "",
          "grub/x86_64-efi/command.lst",
          "revocations.efi"
        }) {
      assertThat(errorOf("\0\1" + name + "\0octet\0")).isEqualTo(1);
    }
  }

  @Test
  void writingIsRefused() throws IOException {
    assertThat(errorOf("\0\2shimx64.efi\0octet\0")).isEqualTo(2);
  }

  @Test
  void otherModesAreRefused() throws IOException {
    assertThat(errorOf("\0\1shimx64.efi\0mail\0")).isEqualTo(4);
  }

  @Test
  void aProbeForTheSizeIsCountedAsSuch() throws IOException {
    send(requests.localAddress(), "\0\1shimx64.efi\0octet\0tsize\0000\0");
    ByteBuffer oack = receive();
    assertThat(new String(oack.array(), 2, oack.remaining() - 2, StandardCharsets.US_ASCII))
        .isEqualTo("tsize\0005000\0");
    send(reply, "\0\5\0\10aborted\0");
    await().until(() -> counters.get(PxeCounter.TFTP_PROBES) == 1);
    assertThat(counters.get(PxeCounter.TFTP_FAILED)).isZero();
    assertThat(get("shimx64.efi")).isEqualTo(small);
  }

  @Test
  void aLostBlockIsSentAgain() throws IOException {
    send(requests.localAddress(), "\0\1shimx64.efi\0octet\0");
    assertThat(receive().getShort(2)).isEqualTo((short) 1);
    assertThat(receive().getShort(2)).isEqualTo((short) 1);
    send(reply, "\0\4\0\1");
    assertThat(receive().getShort(2)).isEqualTo((short) 2);
  }

  @Test
  void clientsThatAskAndNeverAnswerKeepNobodyOut() throws IOException {
    List<DatagramSocket> silent = new ArrayList<>();
    try {
      byte[] request = "\0\1large\0octet\0".getBytes(StandardCharsets.ISO_8859_1);
      for (int i = 0; i < TftpConfig.DEFAULT.maxTransfers() + 20; i++) {
        var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        silent.add(socket);
        socket.send(new DatagramPacket(request, request.length, requests.localAddress()));
      }
      await().until(() -> counters.get(PxeCounter.TFTP_UNHEARD_DROPS) > 0);
      assertThat(server.activeTransfers()).isLessThanOrEqualTo(TftpConfig.DEFAULT.maxTransfers());
      assertThat(get("shimx64.efi")).isEqualTo(small);
    } finally {
      silent.forEach(DatagramSocket::close);
    }
  }

  @Test
  void twoLocalAddressesAnswerEachAsItself() throws IOException {
    try (DatagramPort other =
        MinaDatagramPort.open(
            new InetSocketAddress("127.0.0.2", requests.localAddress().getPort()),
            (port, datagram) -> port.send(datagram.payload(), datagram.from()))) {
      send(other.localAddress(), "echo");
      assertThat(receive().remaining()).isEqualTo(4);
      assertThat(reply).isEqualTo(other.localAddress());
    }
  }
}
