package io.kindling.appliance.boot;

import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeError;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells, once for each boot, that it stopped and what did not come. Thread-safe.
public final class StalledBoots implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(StalledBoots.class);
  private static final long SECONDS = 10;

  private final StageBoard stages;
  private final NodeStore nodes;
  private final EventStore events;
  private final Map<HardwareAddress, Instant> told = new HashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("stalled-boots").factory());

  public StalledBoots(StageBoard stages, NodeStore nodes, EventStore events) {
    this.stages = stages;
    this.nodes = nodes;
    this.events = events;
  }

  public void start() {
    timer.scheduleWithFixedDelay(this::lookSafely, SECONDS, SECONDS, TimeUnit.SECONDS);
  }

  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException e) {
      logger.error("the look for stalled boots failed", e); // the next one may not
    }
  }

  synchronized void look() {
    Map<HardwareAddress, Instant> still = new HashMap<>();
    for (StageBoard.Stalled stalled : stages.stalled()) {
      HardwareAddress mac = stalled.boot().mac();
      Instant since = stalled.boot().last().at();
      still.put(mac, since);
      if (!since.equals(told.get(mac))) {
        events.append(
            nodes.findByMac(mac.text()).map(Node::id).orElse(null),
            "boot-stalled",
            PxeError.BOOT_STALLED.id(),
            mac
                + " stopped after "
                + stalled.boot().last().stage().label()
                + ": "
                + stalled.missing());
      }
    }
    told.clear();
    told.putAll(still);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
