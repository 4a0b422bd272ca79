package io.kindling.postinstall;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/// A clock that only sleeping moves. Thread-safe.
public final class FakeTime extends Clock implements Sleeper {

  private Instant now = Instant.parse("2026-11-23T20:00:00Z");
  private final List<Duration> slept = new ArrayList<>();
  private Runnable onSleep = () -> {};

  @Override
  public synchronized void sleep(Duration time, Cancellation cancellation) {
    now = now.plus(time);
    slept.add(time);
    onSleep.run();
  }

  public synchronized void onSleep(Runnable action) {
    onSleep = action;
  }

  public synchronized List<Duration> slept() {
    return List.copyOf(slept);
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
