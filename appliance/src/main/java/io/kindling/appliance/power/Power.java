package io.kindling.appliance.power;

import io.kindling.appliance.power.Bmc.State;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.Sleeper;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/// Carries out what is asked of a machine's BMC and waits until the machine is there. One order at
/// a time for a machine: BMCs bear no more. Thread-safe.
public final class Power {
  private final PowerBook book;
  private final Bmc.Connector connector;
  private final EventStore events;
  private final Clock clock;
  private final Sleeper sleeper;
  private final Limits limits;
  private final Map<UUID, ReentrantLock> busy = new ConcurrentHashMap<>();

  /// @param reach how long a machine may take to go on or off once it was told to
  /// @param look the time between two looks
  /// @param attempts how often an order is tried that failed in a way that passes
  /// @param pause between attempts
  public record Limits(Duration reach, Duration look, int attempts, Duration pause) {
    /// A server's power supply takes seconds, an old BMC half a minute to say so.
    public static Limits standard() {
      return new Limits(Duration.ofSeconds(90), Duration.ofSeconds(1), 3, Duration.ofSeconds(3));
    }
  }

  /// What can be done.
  public enum Verb {
    ON,
    OFF,
    /// Off and on again; on where it was off.
    CYCLE;

    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /// @param network boot over the network, once
  /// @param yes stop what runs on it
  public record Order(Verb verb, boolean network, boolean yes) {}

  /// What became of it.
  ///
  /// @param state as the BMC tells it at the end
  /// @param text in words
  public record Done(String node, State state, String text) {}

  public Power(
      PowerBook book,
      Bmc.Connector connector,
      EventStore events,
      Clock clock,
      Sleeper sleeper,
      Limits limits) {
    this.book = book;
    this.connector = connector;
    this.events = events;
    this.clock = clock;
    this.sleeper = sleeper;
    this.limits = limits;
  }

  /// Connects by ipmitool or Redfish, whichever the access says.
  public static Bmc.Connector connector(Sleeper sleeper) {
    return access ->
        switch (access.kind()) {
          case IPMI -> new Ipmitool(access, Program::start);
          case REDFISH -> RedfishBmc.connect(access, sleeper);
        };
  }

  /// Whether the machine is on.
  public Done status(Node node) throws InterruptedException {
    return with(
        node,
        "asked for its state",
        bmc -> {
          State state = attempt(bmc::state);
          return new Done(node.name(), state, node.name() + " is " + state.label());
        });
  }

  /// Does it and returns when the machine is there.
  public Done order(Node node, Order order) throws InterruptedException {
    if (order.verb() != Verb.ON && !order.yes()) {
      refuseWhereInUse(node, order.verb());
    }
    Done done = with(node, order.verb().label(), bmc -> carryOut(node, order, bmc));
    events.append(node.id(), "power", null, done.text());
    return done;
  }

  private Done carryOut(Node node, Order order, Bmc bmc) throws InterruptedException {
    if (order.network() && order.verb() != Verb.OFF) {
      must(() -> bmc.networkOnce(uefi(node)));
    }
    State before = attempt(bmc::state);
    if (order.verb() != Verb.ON && before != State.OFF) {
      must(bmc::off);
      await(node, bmc, State.OFF);
    }
    if (order.verb() != Verb.OFF && (order.verb() == Verb.CYCLE || before != State.ON)) {
      must(bmc::on);
      await(node, bmc, State.ON);
    }
    return switch (order.verb()) {
      case ON ->
          new Done(
              node.name(),
              State.ON,
              node.name()
                  + (before == State.ON ? " was on already" : " was switched on")
                  + network(order));
      case OFF ->
          new Done(
              node.name(),
              State.OFF,
              node.name() + (before == State.OFF ? " was off already" : " was switched off"));
      case CYCLE ->
          new Done(
              node.name(),
              State.ON,
              node.name()
                  + (before == State.OFF
                      ? " was off and was switched on"
                      : " was switched off and on")
                  + network(order));
    };
  }

  private static String network(Order order) {
    return order.network() ? "; its next boot is over the network" : "";
  }

  /// Lights the machine's LED or ends that.
  public void locate(Node node, boolean lit) throws InterruptedException {
    with(
        node,
        "locate",
        bmc -> {
          must(() -> bmc.locate(lit));
          return new Done(node.name(), State.CHANGING, "");
        });
    events.append(
        node.id(), "locate", null, node.name() + (lit ? ": LED lit" : ": LED no longer lit"));
  }

  private static boolean uefi(Node node) {
    Facts facts = node.facts();
    return facts != null && facts.agent().firmware() == Facts.Firmware.UEFI;
  }

  /// What a person should know before the machine is switched off.
  private static void refuseWhereInUse(Node node, Verb verb) {
    boolean inUse =
        switch (node.state()) {
          case DISCOVERED, ASSIGNED, QUARANTINED, ERROR, REMOVED -> node.machineId() != null;
          case PROVISIONING, PROVISIONED, DEPLOYING, READY, WIPING, RESCUE, ADOPTABLE -> true;
        };
    Assignment assignment = node.assignment();
    boolean installed = assignment != null && assignment.onDisk();
    if (!inUse && !(node.state() == NodeState.ERROR && installed)) {
      return;
    }
    String roles =
        assignment == null
            ? ""
            : assignment.roles().stream()
                .map(Role::label)
                .sorted()
                .collect(Collectors.joining(", "));
    String task = node.stage() == null ? "" : " (" + node.stage() + ")";
    throw new PowerException(
        PowerError.NEEDS_YES,
        node.name()
            + " is "
            + node.state().label()
            + task
            + (roles.isEmpty() ? "" : "; it runs " + roles)
            + "; ordered: "
            + verb.label());
  }

  private interface Step<T> {
    T run() throws InterruptedException;
  }

  private interface Effect {
    void run() throws InterruptedException;
  }

  private interface Session {
    Done run(Bmc bmc) throws InterruptedException;
  }

  private Done with(Node node, String what, Session session) throws InterruptedException {
    PowerBook.Found found =
        book.of(node).orElseThrow(() -> new PowerException(PowerError.NOT_SET, node.name()));
    ReentrantLock lock = busy.computeIfAbsent(node.id(), id -> new ReentrantLock());
    lock.lockInterruptibly();
    try (Bmc bmc = attempt(() -> connector.connect(found.access()))) {
      return session.run(bmc);
    } catch (PowerException e) {
      events.append(
          node.id(),
          "power-failed",
          e.error().id(),
          node.name() + ", " + what + ": " + e.error().summary() + ": " + e.detail());
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private void must(Effect effect) throws InterruptedException {
    attempt(() -> {
      effect.run();
      return true;
    });
  }

  /// Tries again what fails in a way that passes.
  private <T> T attempt(Step<T> step) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return step.run();
      } catch (PowerException e) {
        if (!e.passing() || tries >= limits.attempts()) {
          throw e;
        }
        sleeper.sleep(limits.pause(), new Cancellation());
      }
    }
  }

  /// Returns when the machine is in that state. A BMC may be deaf for a while when it switches.
  private void await(Node node, Bmc bmc, State wanted) throws InterruptedException {
    Instant end = clock.instant().plus(limits.reach());
    String seen;
    do {
      try {
        State state = bmc.state();
        if (state == wanted) {
          return;
        }
        seen = state.label();
      } catch (PowerException e) {
        if (!e.passing()) {
          throw e;
        }
        seen = e.error().summary() + ": " + e.detail();
      }
      sleeper.sleep(limits.look(), new Cancellation());
    } while (clock.instant().isBefore(end));
    throw new PowerException(
        PowerError.NOT_IN_TIME,
        "%s was told to go %s; after %d s: %s"
            .formatted(node.name(), wanted.label(), limits.reach().toSeconds(), seen));
  }
}
