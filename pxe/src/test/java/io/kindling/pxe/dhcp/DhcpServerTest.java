package io.kindling.pxe.dhcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kindling.pxe.FakeDecisions;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.Lease;
import io.kindling.pxe.LeaseStore;
import io.kindling.pxe.MemoryLeaseStore;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.TestClock;
import io.kindling.pxe.dhcp.wire.Decoded;
import io.kindling.pxe.dhcp.wire.DhcpCodec;
import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.net.DatagramPort;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DhcpServerTest {
  private static final Inet4Address SERVER = Ipv4.parse("10.20.0.1");
  private static final Inet4Address FIRST = Ipv4.parse("10.20.0.100");
  private static final HardwareAddress A = new HardwareAddress("52:54:00:00:00:01");
  private static final InetSocketAddress CLIENT = new InetSocketAddress(Ipv4.ANY, 68);

  private record Sent(DhcpPacket packet, InetSocketAddress to) {}

  /// Lets a test hold a commit back.
  private static final class SlowStore implements LeaseStore {
    final MemoryLeaseStore inner = new MemoryLeaseStore();
    final Semaphore begun = new Semaphore(0);
    final Semaphore permits = new Semaphore(0);

    @Override
    public List<Lease> all() {
      return inner.all();
    }

    @Override
    public void commit(Collection<Lease> put, Collection<Inet4Address> drop) {
      begun.release();
      permits.acquireUninterruptibly();
      inner.commit(put, drop);
    }
  }

  private final TestClock clock = new TestClock();
  private final PxeCounters counters = new PxeCounters();
  private final FakeDecisions decisions = new FakeDecisions();
  private final SlowStore store = new SlowStore();
  private final LeaseTable leases = new LeaseTable(List.of());
  private final LeaseCommitter committer =
      new LeaseCommitter(store, leases, decisions, counters, clock);
  private final BlockingQueue<Sent> sent = new LinkedBlockingQueue<>();
  private int neighbourErrno;
  private final DhcpConfig config =
      DhcpConfig.of(
          SERVER,
          16,
          AddressRange.parse("10.20.0.100-10.20.19.255"),
          URI.create("http://10.20.0.1"));
  private final Set<Inet4Address> asked = ConcurrentHashMap.newKeySet();
  private final List<Runnable> waits = new ArrayList<>();
  private final OfferProbes probes =
      new OfferProbes(
          (address, onThisLink) -> asked.add(address), (wait, task) -> waits.add(task), counters);
  private final DhcpServer server =
      new DhcpServer(
          () -> config,
          decisions,
          file -> true,
          leases,
          committer,
          (address, mac) -> neighbourErrno,
          probes,
          DhcpServer.Gate.open(),
          counters,
          clock,
          68);
  private final DatagramPort port =
      new DatagramPort() {
        @Override
        public InetSocketAddress localAddress() {
          return new InetSocketAddress(SERVER, 67);
        }

        @Override
        public boolean send(ByteBuffer payload, InetSocketAddress to) {
          sent.add(new Sent(((Decoded.Parsed) DhcpCodec.decode(payload)).packet(), to));
          return true;
        }

        @Override
        public void close() {}
      };

  @AfterEach
  void end() {
    store.permits.release(10_000);
    committer.close();
  }

  private void receive(Messages message) {
    ByteBuffer bytes = DhcpCodec.encode(message.packet(), 0).bytes();
    server.received(port, new DatagramPort.Datagram(bytes, CLIENT, 1));
  }

  /// Nobody answered for the addresses that are being offered.
  private void endWaits() {
    List<Runnable> ended = List.copyOf(waits);
    waits.clear();
    ended.forEach(Runnable::run);
  }

  private Sent next() throws InterruptedException {
    return sent.poll(5, TimeUnit.SECONDS);
  }

  private static HardwareAddress mac(int number) {
    return new HardwareAddress("52:54:00:00:%02x:%02x".formatted(number >> 8, number & 0xff));
  }

  private Messages request(HardwareAddress mac, Inet4Address address) {
    return Messages.a(MessageType.REQUEST, mac).asking(address).to(SERVER);
  }

  @Test
  void anAckLeavesOnlyAfterItsLeaseIsStored() throws InterruptedException {
    committer.start();
    receive(request(A, FIRST));
    store.begun.acquireUninterruptibly();
    assertThat(sent).isEmpty();
    store.permits.release();
    Sent ack = next();
    assertThat(ack.packet().messageType()).contains(MessageType.ACK);
    assertThat(ack.to()).isEqualTo(new InetSocketAddress(FIRST, 68));
    assertThat(store.all()).extracting(Lease::address).containsExactly(FIRST);
    await()
        .untilAsserted(() ->
            assertThat(decisions.reached)
                .extracting(FakeDecisions.Reached::detail)
                .containsExactly("ACK 10.20.0.100"));
  }

  @Test
  void noAckLeavesWhenTheLeaseCannotBeStored() {
    store.inner.breakDown(true);
    store.permits.release(10);
    committer.start();
    receive(request(A, FIRST));
    await().until(() -> counters.get(PxeCounter.DHCP_COMMIT_FAILURES) == 1);
    await().until(() -> !decisions.reached.isEmpty());
    assertThat(sent).isEmpty();
    assertThat(decisions.reached.getFirst().detail()).startsWith("PXE-002");
    assertThat(leases.holder(FIRST, clock.instant())).isEmpty();
    store.inner.breakDown(false);
    receive(request(A, FIRST));
    await().until(() -> !sent.isEmpty());
    assertThat(leases.holder(FIRST, clock.instant())).contains(A);
  }

  @Test
  void anOfferWaitsForNoCommit() throws InterruptedException {
    receive(Messages.a(MessageType.DISCOVER, A).broadcast());
    endWaits();
    assertThat(next().to()).isEqualTo(new InetSocketAddress(Ipv4.BROADCAST, 68));
  }

  @Test
  void rfc2131Section2_2AnAddressSomebodyUsesIsNotOfferedAndItsUserNamed() throws Exception {
    HardwareAddress squatter = new HardwareAddress("52:54:00:00:00:99");
    receive(Messages.a(MessageType.DISCOVER, A));
    assertThat(asked).containsExactly(FIRST);
    probes.answered(FIRST, Optional.of(squatter));
    endWaits();
    assertThat(next().packet().yiaddr()).isEqualTo(Ipv4.parse("10.20.0.101"));
    assertThat(decisions.noticed)
        .singleElement()
        .asString()
        .startsWith("PXE-019")
        .contains("10.20.0.100 by " + squatter);
    assertThat(counters.get(PxeCounter.DHCP_CONFLICTS)).isEqualTo(1);
    store.permits.release(10);
    committer.start();
    await()
        .untilAsserted(() ->
            assertThat(store.all())
                .anySatisfy(lease -> {
                  assertThat(lease.address()).isEqualTo(FIRST);
                  assertThat(lease.declined()).isTrue();
                }));
  }

  @Test
  void theClientItselfMayAnswerForItsAddress() throws Exception {
    receive(Messages.a(MessageType.DISCOVER, A));
    probes.answered(FIRST, Optional.of(A));
    endWaits();
    assertThat(next().packet().yiaddr()).isEqualTo(FIRST);
  }

  @Test
  void anOfferWaitsWithoutHoldingOthersUpAndIsSentOnceForTheNewestQuestion() throws Exception {
    receive(Messages.a(MessageType.DISCOVER, A));
    receive(Messages.a(MessageType.DISCOVER, A));
    receive(request(mac(7), Ipv4.parse("10.20.1.7")));
    store.permits.release(10);
    committer.start();
    assertThat(next().packet().messageType()).contains(MessageType.ACK);
    assertThat(waits).hasSize(1);
    endWaits();
    assertThat(next().packet().messageType()).contains(MessageType.OFFER);
    assertThat(sent).isEmpty();
    receive(Messages.a(MessageType.DISCOVER, A)); // now its own: nobody is asked again
    assertThat(sent).hasSize(1);
    assertThat(counters.get(PxeCounter.DHCP_PROBES)).isEqualTo(1);
  }

  @Test
  void aReplyIsBroadcastWhereTheKernelTakesNoNeighbour() throws InterruptedException {
    neighbourErrno = 1;
    receive(Messages.a(MessageType.DISCOVER, A));
    endWaits();
    assertThat(next().to()).isEqualTo(new InetSocketAddress(Ipv4.BROADCAST, 68));
    assertThat(counters.get(PxeCounter.DHCP_NEIGHBOUR_FAILURES)).isEqualTo(1);
  }

  @Test
  void waitingLeasesAreStoredTogetherAtMost256InOneCommit() {
    Inet4Address first = Ipv4.parse("10.20.1.0");
    committer.start();
    receive(request(mac(0), first));
    store.begun.acquireUninterruptibly();
    for (int i = 1; i <= 600; i++) {
      receive(request(mac(i), Ipv4.of(Ipv4.number(first) + i)));
    }
    store.permits.release(100);
    await().until(() -> sent.size() == 601);
    assertThat(store.inner.batches()).containsExactly(1, 256, 256, 88);
  }

  @Test
  void morePendingLeasesThanTheQueueHoldsAreDroppedAndCounted() {
    // The committer is not started: nothing drains the queue.
    for (int i = 0; i < LeaseCommitter.MAX_WAITING + 1; i++) {
      receive(request(mac(i), Ipv4.of(Ipv4.number(FIRST) + i)));
    }
    assertThat(counters.get(PxeCounter.DHCP_OVERLOAD_DROPS)).isEqualTo(1);
    assertThat(leases.activeCount(clock.instant())).isEqualTo(LeaseCommitter.MAX_WAITING);
    committer.start();
  }

  @Test
  void aLeaseThatMovesTwiceInOneBatchIsStoredOnce() {
    List<LeaseCommitter.Pending> batch = new ArrayList<>();
    Inet4Address second = Ipv4.parse("10.20.0.101");
    Runnable nothing = () -> {};
    batch.add(
        new LeaseCommitter.Pending(
            A, leases.bind(FIRST, A, clock.instant().plusSeconds(60)), nothing));
    batch.add(
        new LeaseCommitter.Pending(
            A, leases.bind(second, A, clock.instant().plusSeconds(60)), nothing));
    store.permits.release();
    committer.commit(batch);
    committer.start();
    assertThat(store.all()).extracting(Lease::address).containsExactly(second);
  }

  @Test
  void noiseIsCountedAndAnsweredByNobody() {
    Random random = new Random(7);
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = new byte[random.nextInt(400)];
      random.nextBytes(bytes);
      server.received(port, new DatagramPort.Datagram(ByteBuffer.wrap(bytes), CLIENT, 1));
    }
    assertThat(sent).isEmpty();
    assertThat(counters.get(PxeCounter.DHCP_MALFORMED)).isEqualTo(1000);
    committer.start();
  }
}
