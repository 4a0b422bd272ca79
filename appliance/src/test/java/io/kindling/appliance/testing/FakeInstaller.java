package io.kindling.appliance.testing;

import io.kindling.appliance.deploy.NodeInstaller;
import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.InstallResult;
import io.kindling.postinstall.Progress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// Installs by doing what the test says. Thread-safe.
public final class FakeInstaller implements NodeInstaller {
  public static final String HOST_KEY = "ssh-ed25519 AAAAINSTALLED";

  /// Every plan it was given, in order.
  public final List<InstallPlan> plans = new CopyOnWriteArrayList<>();

  private volatile InstallResult result = new InstallResult.Installed(HOST_KEY, Map.of());
  private volatile CountDownLatch gate = new CountDownLatch(0);

  public void succeed() {
    result = new InstallResult.Installed(HOST_KEY, Map.of());
  }

  public void fail(String task, String error, String reason) {
    result = new InstallResult.Failed(task, error, reason);
  }

  /// From now on installations wait until the latch is counted down.
  public CountDownLatch hold() {
    gate = new CountDownLatch(1);
    return gate;
  }

  @Override
  public InstallResult install(
      InstallPlan plan, Progress.Listener listener, Cancellation cancellation)
      throws InterruptedException {
    plans.add(plan);
    listener.progress(new Progress(plan.node(), plan.attempt(), "wipe", 2, 8, null));
    CountDownLatch held = gate;
    try (Cancellation.Registration _ = cancellation.onCancel(held::countDown)) {
      held.await();
    }
    return cancellation.requested()
        ? new InstallResult.Failed("wipe", "INS-007", "stopped on request")
        : result;
  }
}
