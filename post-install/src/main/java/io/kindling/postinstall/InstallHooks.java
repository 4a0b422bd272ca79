package io.kindling.postinstall;

import java.time.Duration;
import java.util.Optional;

/// What the appliance does and knows while a node is installed. Called from the installing thread.
public interface InstallHooks {

  /// From now on the node's boot answer is its own disk. Durable when it returns: the node is
  /// rebooted right after. Called again when the installation is resumed.
  ///
  /// @param hostKey the installed system's public host key, `type base64`
  void systemOnDisk(InstallPlan plan, String hostKey);

  /// From now on the node's boot answer is its release's installer; what an installer reported
  /// before is forgotten. Durable when it returns: the node is rebooted right after.
  void installerNext(InstallPlan plan);

  /// What the installer has reported since; empty while it works.
  default Optional<InstallerReport> installerReport(InstallPlan plan) {
    return Optional.empty();
  }

  /// How to reach the node's bootstrap now; asked before each attempt to connect, for a bootstrap
  /// that was booted again has another address and other host keys.
  default InstallPlan.Bootstrap bootstrap(InstallPlan plan) {
    return plan.bootstrap();
  }

  /// The node's bootstrap is needed and has not answered for that long; asked after each attempt to
  /// connect. Whoever can start the machine does so, or has it done.
  ///
  /// @return true where the machine is being started: then it is waited for with patience
  default boolean startAwaited(InstallPlan plan, Duration away) throws InterruptedException {
    return false;
  }

  /// The bootstrap answers again, or is no longer waited for.
  default void startOver(InstallPlan plan) {}
}
