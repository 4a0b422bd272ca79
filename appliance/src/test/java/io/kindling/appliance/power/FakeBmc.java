package io.kindling.appliance.power;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// A BMC in memory that does what it is told, or fails with what the test put in. Not thread-safe.
public final class FakeBmc implements Bmc {
  public final List<String> done = new ArrayList<>();
  public final Deque<PowerException> failures = new ArrayDeque<>();
  public State state = State.ON;

  /// Takes orders and does nothing.
  public boolean deaf;

  private void hear(String what) {
    PowerException failure = failures.poll();
    if (failure != null) {
      done.add("failed " + what);
      throw failure;
    }
    done.add(what);
  }

  @Override
  public State state() {
    hear("state");
    return state;
  }

  @Override
  public void on() {
    hear("on");
    state = deaf ? state : State.ON;
  }

  @Override
  public void off() {
    hear("off");
    state = deaf ? state : State.OFF;
  }

  @Override
  public void networkOnce(boolean uefi) {
    hear(uefi ? "network uefi" : "network bios");
  }

  @Override
  public void locate(boolean lit) {
    hear(lit ? "lit" : "dark");
  }

  @Override
  public void close() {
    done.add("close");
  }
}
