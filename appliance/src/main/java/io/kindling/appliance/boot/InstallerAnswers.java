package io.kindling.appliance.boot;

import io.kindling.inventory.Node;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import java.util.Optional;

/// Which installer a node is to boot. Thread-safe; asked for every packet.
@FunctionalInterface
public interface InstallerAnswers {

  /// The installer that is to work on the node now; empty where none is.
  Optional<BootAnswer.Installer> next(Node node, BootStage stage);
}
