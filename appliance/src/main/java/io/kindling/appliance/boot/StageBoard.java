package io.kindling.appliance.boot;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// How far each machine's boot has come, stage by stage, and what a boot that stopped waits for: in
/// memory only, the last [#LIMIT] machines. Thread-safe.
public final class StageBoard {
  /// Random addresses from a hostile machine must not fill the memory.
  static final int LIMIT = 20_000;

  /// Of one boot.
  static final int MAX_STEPS = 16;

  /// @param at when that stage was reached in this boot
  public record Step(BootStage stage, Instant at, String detail) {}

  /// One boot.
  ///
  /// @param steps in the order they were reached, one at least
  public record Boot(HardwareAddress mac, List<Step> steps) {
    public Boot {
      steps = List.copyOf(steps);
    }

    public Step last() {
      return steps.getLast();
    }

    private boolean has(BootStage stage) {
      return steps.stream().anyMatch(step -> step.stage() == stage);
    }
  }

  /// A boot that did not go on.
  ///
  /// @param missing the event that did not come, in words
  public record Stalled(Boot boot, String missing) {}

  private final Clock clock;
  private final List<Consumer<HardwareAddress>> listeners = new CopyOnWriteArrayList<>();
  private final Map<HardwareAddress, Boot> board =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<HardwareAddress, Boot> eldest) {
          return size() > LIMIT;
        }
      };

  public StageBoard(Clock clock) {
    this.clock = clock;
  }

  /// Calls back with each machine that reached a stage, from the thread that answers the machine:
  /// it must not block.
  public void whenReached(Consumer<HardwareAddress> listener) {
    listeners.add(listener);
  }

  /// Notes the stage; true where it is news (another stage than the last one noted).
  public boolean reached(HardwareAddress mac, BootStage stage, String detail) {
    boolean news = note(mac, stage, detail);
    if (news) {
      listeners.forEach(listener -> listener.accept(mac));
    }
    return news;
  }

  private boolean note(HardwareAddress mac, BootStage stage, String detail) {
    var step = new Step(stage, clock.instant(), detail);
    synchronized (board) {
      Boot before = board.get(mac);
      if (before == null || begins(before, step)) {
        board.put(mac, new Boot(mac, List.of(step)));
        return before == null || before.last().stage() != stage;
      }
      if (before.last().stage() == stage) {
        return false;
      }
      List<Step> steps = new ArrayList<>(before.steps());
      if (steps.size() == MAX_STEPS) {
        steps.remove(1); // a loader that tries again and again; how it began stays
      }
      steps.add(step);
      board.put(mac, new Boot(mac, steps));
      return true;
    }
  }

  /// Firmware that asks for an address begins anew; iPXE asks too, when it has been loaded.
  private static boolean begins(Boot before, Step step) {
    return step.stage() == BootStage.DHCP
        && !step.detail().contains("/boot/v1/")
        && before.steps().size() > 1;
  }

  public Optional<Boot> of(HardwareAddress mac) {
    synchronized (board) {
      return Optional.ofNullable(board.get(mac));
    }
  }

  /// Of all machines noted.
  public List<Boot> all() {
    synchronized (board) {
      return List.copyOf(board.values());
    }
  }

  /// The boots that wait for something longer than it takes.
  public List<Stalled> stalled() {
    Instant now = clock.instant();
    List<Stalled> stalled = new ArrayList<>();
    for (Boot boot : all()) {
      missing(boot, now).ifPresent(what -> stalled.add(new Stalled(boot, what)));
    }
    return stalled;
  }

  /// What this machine's boot waits for longer than it takes.
  public Optional<String> missing(HardwareAddress mac) {
    return of(mac).flatMap(boot -> missing(boot, clock.instant()));
  }

  private static Optional<String> missing(Boot boot, Instant now) {
    Step last = boot.last();
    Duration waited = Duration.between(last.at(), now);
    return switch (last.stage()) {
      case DHCP ->
          boot.has(BootStage.LOADER)
              ? after(
                  waited,
                  60,
                  "iPXE got its address and did not ask for its script: HTTP from the machine to"
                      + " the appliance does not get through")
              : after(
                  waited,
                  60,
                  "no request for the loader came: the firmware did not take the offer (another"
                      + " DHCP server, link down, spanning tree) or TFTP does not get through");
      case LOADER ->
          after(
              waited,
              60,
              "the loader was fetched and did not ask for its script: it was refused (Secure Boot)"
                  + " or HTTP from the machine to the appliance does not get through");
      case SCRIPT ->
          last.detail().endsWith(BootAnswer.Bootstrap.NAME)
              ? after(
                  waited, 60, "the script was fetched and neither kernel nor initrd were asked for")
              : Optional.empty(); // it is on its own disk, or with its release's installer
      case KERNEL ->
          after(
              waited,
              300,
              "kernel and initrd were fetched and no agent reported: the kernel did not start, or"
                  + " the bootstrap has no network");
      case AGENT -> Optional.empty();
    };
  }

  private static Optional<String> after(Duration waited, int seconds, String missing) {
    return waited.toSeconds() >= seconds
        ? Optional.of(missing + " (for " + waited.toSeconds() + " s)")
        : Optional.empty();
  }
}
