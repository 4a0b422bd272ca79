package io.kindling.appliance.daytwo;

import io.kindling.postinstall.daytwo.Order.How;
import java.util.List;
import java.util.Optional;

/// What an operator asks for; it becomes an order once the nodes were asked what they have.
public sealed interface Request {

  enum Step {
    ENTER,
    EXIT,
    REBOOT
  }

  /// @param node its name
  record Maintain(String node, Step step) implements Request {}

  /// @param disks ids or kernel names; none: the only blank one
  record Add(String node, List<String> disks) implements Request {
    public Add {
      disks = List.copyOf(disks);
    }
  }

  /// The guests of a dead compute start elsewhere.
  ///
  /// @param off whether somebody says that it is switched off
  record Evacuate(String node, boolean off) implements Request {}

  /// A compute that works is one no more.
  record Retire(String node) implements Request {}

  /// @param osd the id
  record Replace(int osd, Optional<String> disk, How how) implements Request {}
}
