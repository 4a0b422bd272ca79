package io.kindling.pxe.dhcp;

import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeCounters;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Offers that wait until it is clear that nobody uses their address (RFC 2131 §2.2, §3.1 step 2).
/// Nothing blocks: an offer goes when its time has come, or never. Thread-safe.
public final class OfferProbes implements AutoCloseable {
  /// Above this offers go unprobed: clients check as well, and a flood must not stop them.
  static final int MAX_WAITING = 2048;

  /// Asks whether an address is in use; answers come to [#answered].
  @FunctionalInterface
  public interface Question {
    /// False where the question could not be sent.
    boolean ask(Inet4Address address, boolean onThisLink);
  }

  /// Runs a task after a while.
  @FunctionalInterface
  public interface Timer {
    void after(Duration wait, Runnable task);
  }

  private record Waiting(
      HardwareAddress client, Runnable offer, Consumer<Optional<HardwareAddress>> taken) {}

  private final Question question;
  private final PxeCounters counters;
  private volatile boolean closed;
  private final Map<Inet4Address, Waiting> waiting = new ConcurrentHashMap<>();
  private final Timer timer;

  /// @param timer ends the waits
  public OfferProbes(Question question, Timer timer, PxeCounters counters) {
    this.question = question;
    this.timer = timer;
    this.counters = counters;
  }

  /// Whether an offer of this address waits.
  boolean isPending(Inet4Address address) {
    return waiting.containsKey(address);
  }

  /// Keeps an offer back for a while. A client that asks again meanwhile gets the newest offer, at
  /// the time of the first.
  ///
  /// @param offer sends it
  /// @param taken told instead that somebody answered, and who where that is known
  /// @return false where it must go unprobed
  boolean hold(
      Inet4Address address,
      boolean onThisLink,
      HardwareAddress client,
      Duration wait,
      Runnable offer,
      Consumer<Optional<HardwareAddress>> taken) {
    var newest = new Waiting(client, offer, taken);
    if (waiting.replace(address, newest) != null) {
      return true;
    }
    if (waiting.size() >= MAX_WAITING || closed) {
      counters.add(PxeCounter.DHCP_UNPROBED_OFFERS);
      return false;
    }
    waiting.put(address, newest);
    if (!question.ask(address, onThisLink)) {
      waiting.remove(address);
      counters.add(PxeCounter.DHCP_UNPROBED_OFFERS);
      return false;
    }
    counters.add(PxeCounter.DHCP_PROBES);
    timer.after(wait, () -> silence(address));
    return true;
  }

  private void silence(Inet4Address address) {
    Waiting due = waiting.remove(address);
    if (due != null) {
      due.offer().run();
    }
  }

  /// Somebody has this address.
  ///
  /// @param by the client itself does not count: it may have kept its address over a restart
  public void answered(Inet4Address address, Optional<HardwareAddress> by) {
    Waiting asked = waiting.get(address);
    if (asked == null || by.filter(asked.client()::equals).isPresent()) {
      return; // nobody asked, or not a stranger
    }
    Waiting newest = waiting.remove(address); // the client may have asked anew since
    if (newest != null) {
      newest.taken().accept(by);
    }
  }

  @Override
  public void close() {
    closed = true;
    waiting.clear();
  }
}
