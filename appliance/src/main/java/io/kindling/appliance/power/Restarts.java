package io.kindling.appliance.power;

import io.kindling.appliance.boot.StageBoard;
import io.kindling.appliance.power.Power.Order;
import io.kindling.appliance.power.Power.Verb;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Presence;
import io.kindling.postinstall.TaskLog;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.HardwareAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has a machine restarted that an installation needs in the bootstrap: by its BMC, else by a
/// person who is asked for it ("power-cycle node-7 now") until the machine's next boot stage is
/// seen. In memory: after a restart of the appliance the installation asks again. Thread-safe.
public final class Restarts {
  private static final Logger logger = LoggerFactory.getLogger(Restarts.class);

  /// How long a silent machine is given: longer than three missed signs of life, so that one that
  /// lives is never restarted after a restart of the appliance.
  static final Duration GRACE = Presence.PRESENT.plusSeconds(10);

  /// How long one that was there may be silent: a switch restarts in less, and then all behind it
  /// are silent.
  static final Duration LOST = Duration.ofMinutes(3);

  /// A boot that shows no further stage for so long is none; a server's firmware, memory test
  /// included, takes less until its first.
  static final Duration BOOT = Duration.ofMinutes(10);

  /// The task's name in the node's log.
  static final String TASK = "power";

  private final NodeStore nodes;
  private final EventStore events;
  private final TaskLog log;
  private final StageBoard stages;
  private final Presence presence;
  private final PowerBook book;
  private final Power power;
  private final Clock clock;
  private final Executor threads;
  private final Map<UUID, Waiting> waiting = new ConcurrentHashMap<>();
  private final Map<UUID, Instant> switched = new ConcurrentHashMap<>();

  /// What a person is asked for.
  public record Waiting(Instant since, String text) {}

  /// @param threads runs what takes its time: boot stages are told by those who answer packets
  public Restarts(
      NodeStore nodes,
      EventStore events,
      TaskLog log,
      StageBoard stages,
      Presence presence,
      PowerBook book,
      Power power,
      Clock clock,
      Executor threads) {
    this.nodes = nodes;
    this.events = events;
    this.log = log;
    this.stages = stages;
    this.presence = presence;
    this.book = book;
    this.power = power;
    this.clock = clock;
    this.threads = threads;
    stages.whenReached(mac -> threads.execute(() -> booted(mac)));
  }

  /// What the node waits for, where it is a person's to do.
  public Optional<Waiting> waiting(UUID node) {
    return Optional.ofNullable(waiting.get(node));
  }

  /// The node's bootstrap is needed and has not answered for that long. Called again and again by
  /// the installation; restarts the machine once.
  ///
  /// @return true where the machine is on its way or a person was asked: patience is right
  public boolean awaited(UUID id, Duration away) throws InterruptedException {
    Node node = nodes.find(id).orElse(null);
    if (node == null) {
      return false;
    }
    if (waiting.containsKey(id) || booting(node)) {
      return true;
    }
    Instant last = switched.get(id);
    if (last != null && !last.plus(BOOT).isBefore(clock.instant())) {
      return true; // its firmware is at work
    }
    if (away.compareTo(GRACE) < 0 || seenOfLate(id)) {
      return false;
    }
    if (last == null) {
      restart(node);
    } else {
      ask(node, "its BMC restarted it and no boot over the network was seen; look at boot order");
    }
    return true;
  }

  private boolean seenOfLate(UUID id) {
    Instant from = clock.instant().minus(LOST);
    return presence.lastSeen(id).filter(from::isBefore).isPresent();
  }

  /// Restarts the machine over the network, or asks for it, beside the caller.
  public void begin(Node node) {
    threads.execute(() -> {
      try {
        if (!booting(node)) {
          restart(node);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the appliance ends
      } catch (RuntimeException e) {
        logger.error("restarting {}", node.name(), e);
      }
    });
  }

  private void restart(Node node) throws InterruptedException {
    try {
      if (book.of(node).isEmpty()) {
        ask(node, "it has no BMC that is known");
        return;
      }
      tell(node, "restarting " + node.name() + " over the network by its BMC");
      switched.put(node.id(), clock.instant());
      Power.Done done = power.order(node, new Order(Verb.CYCLE, true, true));
      switched.put(node.id(), clock.instant());
      tell(node, done.text());
    } catch (PowerException e) {
      switched.remove(node.id());
      ask(node, e.error().id() + " " + e.error().summary() + ": " + e.detail());
    }
  }

  private void ask(Node node, String why) {
    String text = "power-cycle " + node.name() + " now, network first in its boot order: " + why;
    if (waiting.putIfAbsent(node.id(), new Waiting(clock.instant(), text)) == null) {
      events.append(node.id(), "power-wait", null, text);
      tell(node, "waiting: " + text);
    }
  }

  private void tell(Node node, String line) {
    log.append(node.id(), TASK, line);
  }

  /// A boot stage of the machine was seen.
  private void booted(HardwareAddress mac) {
    nodes
        .findByMac(mac.text())
        .ifPresent(node -> {
          switched.remove(node.id());
          if (waiting.remove(node.id()) != null) {
            String text = node.name() + " boots: no longer waiting for its power cycle";
            events.append(node.id(), "power-wait-over", null, text);
            tell(node, text);
          }
        });
  }

  /// The bootstrap answers, or it is no longer wanted.
  public void over(UUID node) {
    switched.remove(node);
    waiting.remove(node);
  }

  /// True where the machine is between its first packet and the bootstrap's report.
  private boolean booting(Node node) {
    Instant from = clock.instant().minus(BOOT);
    return node.macs().stream()
        .flatMap(mac -> HardwareAddress.parse(mac).stream())
        .flatMap(mac -> stages.of(mac).stream())
        .map(StageBoard.Boot::last)
        .anyMatch(step -> step.at().isAfter(from) && towardsBootstrap(step));
  }

  private static boolean towardsBootstrap(StageBoard.Step step) {
    return switch (step.stage()) {
      case DHCP, LOADER, KERNEL -> true;
      case SCRIPT -> step.detail().endsWith(BootAnswer.Bootstrap.NAME);
      case AGENT -> false;
    };
  }
}
