package io.kindling.pxe.dhcp;

import io.kindling.pxe.BootDecisions;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.Lease;
import io.kindling.pxe.LeaseStore;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.RateLimitedLog;
import java.net.Inet4Address;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Group commit: one thread takes what waits, stores it in one transaction and only then lets the
/// ACKs go (RFC 2131 §2.2). Thread-safe.
public final class LeaseCommitter implements AutoCloseable {
  static final int MAX_BATCH = 256;

  /// Less than a second's work of a disk that syncs in 60 ms; a client asks again after four (RFC
  /// 2131 §4.1).
  static final int MAX_WAITING = 4096;

  private static final Duration HOLD_AFTER_FAILURE = Duration.ofMinutes(1);
  private static final Logger LOG = LoggerFactory.getLogger(LeaseCommitter.class);

  /// @param then what may happen once the change is on stable storage
  record Pending(HardwareAddress mac, LeaseTable.Change change, Runnable then) {}

  private final LeaseStore store;
  private final LeaseTable leases;
  private final BootDecisions decisions;
  private final PxeCounters counters;
  private final Clock clock;
  private final RateLimitedLog log;
  private final BlockingQueue<Pending> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final Thread thread;
  private volatile boolean closing;

  public LeaseCommitter(
      LeaseStore store,
      LeaseTable leases,
      BootDecisions decisions,
      PxeCounters counters,
      Clock clock) {
    this.store = store;
    this.leases = leases;
    this.decisions = decisions;
    this.counters = counters;
    this.clock = clock;
    this.log = new RateLimitedLog(LOG, clock);
    // It waits for the disk in the kernel, where a virtual one would hold a carrier.
    this.thread = Thread.ofPlatform().daemon().name("lease-committer").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /// False where too many wait.
  boolean submit(Pending pending) {
    return waiting.offer(pending);
  }

  private void run() {
    try {
      while (!closing || !waiting.isEmpty()) {
        // The time-out only bounds how late an end is noticed.
        Pending first = waiting.poll(200, TimeUnit.MILLISECONDS);
        if (first != null) {
          List<Pending> batch = new ArrayList<>(MAX_BATCH);
          batch.add(first);
          waiting.drainTo(batch, MAX_BATCH - 1);
          commit(batch);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Stores the batch, then does what its members wait for.
  void commit(List<Pending> batch) {
    Map<Inet4Address, Lease> put = new LinkedHashMap<>();
    Set<Inet4Address> drop = new LinkedHashSet<>();
    for (Pending pending : batch) {
      for (Inet4Address address : pending.change().drop()) {
        put.remove(address);
        drop.add(address);
      }
      for (Lease lease : pending.change().put()) {
        drop.remove(lease.address());
        put.put(lease.address(), lease);
      }
    }
    try {
      store.commit(List.copyOf(put.values()), Set.copyOf(drop));
    } catch (RuntimeException e) {
      fail(batch, e);
      return;
    }
    counters.add(PxeCounter.DHCP_COMMITS);
    for (Pending pending : batch) {
      try {
        pending.then().run();
      } catch (RuntimeException e) {
        LOG.error("The reply to {} could not be sent", pending.mac(), e);
      }
    }
  }

  private void fail(List<Pending> batch, RuntimeException cause) {
    counters.add(PxeCounter.DHCP_COMMIT_FAILURES);
    log.error(PxeError.LEASE_NOT_STORED, batch.size() + " leases: " + cause + ".");
    LOG.debug("commit of {} leases", batch.size(), cause);
    for (Pending pending : batch) {
      for (Lease lease : pending.change().put()) {
        if (!lease.declined()) {
          leases.unbind(lease, clock.instant().plus(HOLD_AFTER_FAILURE));
        }
      }
      decisions.reached(
          pending.mac(),
          BootStage.DHCP,
          PxeError.LEASE_NOT_STORED.id() + " " + PxeError.LEASE_NOT_STORED.summary());
    }
  }

  /// Lets what waits be stored and sent, for at most two seconds.
  @Override
  public void close() {
    closing = true;
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      if (!thread.join(Duration.ofSeconds(2))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
