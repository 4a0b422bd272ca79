package io.kindling.appliance.boot;

import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How far each machine's boot has come: in memory only, the last [#LIMIT] machines. Thread-safe.
public final class StageBoard {
  /// Random addresses from a hostile machine must not fill the memory.
  static final int LIMIT = 20_000;

  /// @param at when that stage was reached first in this boot
  public record Reached(HardwareAddress mac, BootStage stage, Instant at, String detail) {}

  private final Clock clock;
  private final Map<HardwareAddress, Reached> board =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<HardwareAddress, Reached> eldest) {
          return size() > LIMIT;
        }
      };

  public StageBoard(Clock clock) {
    this.clock = clock;
  }

  /// Notes the stage; true where it is news (another stage than the last one noted).
  public boolean reached(HardwareAddress mac, BootStage stage, String detail) {
    synchronized (board) {
      Reached before = board.get(mac);
      if (before != null && before.stage() == stage) {
        return false;
      }
      board.put(mac, new Reached(mac, stage, clock.instant(), detail));
      return true;
    }
  }

  public Optional<Reached> of(HardwareAddress mac) {
    synchronized (board) {
      return Optional.ofNullable(board.get(mac));
    }
  }

  /// Of all machines noted.
  public List<Reached> all() {
    synchronized (board) {
      return List.copyOf(board.values());
    }
  }
}
