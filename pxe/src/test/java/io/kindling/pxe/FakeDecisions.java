package io.kindling.pxe;

import java.net.Inet4Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Decisions a test writes down. Thread-safe.
public final class FakeDecisions implements BootDecisions {
  public static final BootAnswer.Bootstrap BOOTSTRAP =
      new BootAnswer.Bootstrap(
          "s3cret", "ssh-ed25519 AAAA test", List.of("console=ttyS0,115200n8"));

  public record Reached(HardwareAddress mac, BootStage stage, String detail) {}

  public final Map<HardwareAddress, BootAnswer> answers = new ConcurrentHashMap<>();
  public final Map<HardwareAddress, Inet4Address> fixed = new ConcurrentHashMap<>();
  public final List<Reached> reached = new CopyOnWriteArrayList<>();
  public final List<String> noticed = new CopyOnWriteArrayList<>();

  @Override
  public BootAnswer answer(HardwareAddress mac, BootStage stage) {
    return answers.getOrDefault(mac, BOOTSTRAP);
  }

  @Override
  public Optional<Inet4Address> fixedAddress(HardwareAddress mac) {
    return Optional.ofNullable(fixed.get(mac));
  }

  @Override
  public void reached(HardwareAddress mac, BootStage stage, String detail) {
    reached.add(new Reached(mac, stage, detail));
  }

  @Override
  public void leased(HardwareAddress mac, String detail) {
    reached.add(new Reached(mac, BootStage.DHCP, detail));
  }

  @Override
  public void noticed(PxeError notice, String detail) {
    noticed.add(notice.id() + " " + detail);
  }
}
