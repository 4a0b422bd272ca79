package io.kindling.inventory;

import java.util.UUID;
import java.util.function.Predicate;

/// What the token that came with a report proves; the appliance has checked it.
public sealed interface Credentials {

  /// Nothing about an existing node: no token, or that of a machine booted as unknown.
  record Anyone() implements Credentials {}

  /// The reporter is this node.
  record OwnToken(UUID node) implements Credentials {}

  /// A join token: it admits machines of their own operating system that it says yes to.
  record Invitation(Predicate<String> admits) implements Credentials {}

  /// True where a report for that node may be taken.
  default boolean suffice(Node node) {
    return !node.state().needsOwnToken()
        || (this instanceof OwnToken own && own.node().equals(node.id()));
  }
}
