package io.kindling.postinstall.ssh;

import java.util.List;

/// Opens connections with the appliance's key. Thread-safe.
public interface SshConnector {

  /// Connects to exactly that machine: one whose host key is among those given.
  ///
  /// @param hostKeys each `type base64`, anything after that is ignored; no other key is accepted
  Connection connect(String address, int port, String user, List<String> hostKeys)
      throws InterruptedException;

  /// What came of an attempt to connect.
  sealed interface Connection {}

  record Connected(SshSession session) implements Connection {}

  /// @param detail what was seen, in words
  record Refused(Reason reason, String detail) implements Connection {}

  enum Reason {
    /// No answer, or what answers does not speak SSH.
    UNREACHABLE,
    /// Another machine, or the same one running another system.
    WRONG_HOST_KEY,
    /// The machine does not take the appliance's key for that user.
    AUTHENTICATION
  }
}
