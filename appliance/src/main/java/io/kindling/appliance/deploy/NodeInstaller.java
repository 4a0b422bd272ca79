package io.kindling.appliance.deploy;

import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.InstallResult;
import io.kindling.postinstall.Progress;

/// Installs one node; goes on where an earlier call for the same attempt stopped. Thread-safe.
@FunctionalInterface
public interface NodeInstaller {

  /// @throws InterruptedException when the appliance shuts down
  InstallResult install(InstallPlan plan, Progress.Listener listener, Cancellation cancellation)
      throws InterruptedException;
}
