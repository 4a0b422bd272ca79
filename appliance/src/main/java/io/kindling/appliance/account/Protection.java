package io.kindling.appliance.account;

import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Caller;
import io.kindling.inventory.Node;
import java.util.Optional;

/// Nodes with the label `protected`: what destroys data or stops them needs an administrator, and
/// that it is confirmed.
public final class Protection {
  public static final String LABEL = "protected";

  private Protection() {}

  /// Why it may not be done; empty where nothing stands against it.
  ///
  /// @param administrator whether an administrator asks
  /// @param confirmed whether the request says of this very node that it is meant
  public static Optional<String> refusal(Node node, boolean administrator, boolean confirmed) {
    if (!node.labels().contains(LABEL)) {
      return Optional.empty();
    }
    if (!administrator) {
      return Optional.of(node.name() + " is not touched without an administrator");
    }
    return confirmed
        ? Optional.empty()
        : Optional.of(node.name() + " is not touched unless it is confirmed");
  }

  /// @throws io.kindling.appliance.http.Problem where it may not be done
  public static void require(Caller caller, Node node, boolean confirmed) {
    refusal(node, caller.role().covers(Access.ADMIN), confirmed)
        .ifPresent(why -> {
          throw AccountError.PROTECTED.problem(why);
        });
  }
}
