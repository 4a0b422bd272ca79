package io.kindling.postinstall.engine;

import java.util.List;
import java.util.UUID;

/// A machine that tasks run on.
///
/// @param attempt the installation's number, a part of the key of outcomes
/// @param name unique in a run; the host name
/// @param address where SSH answers
/// @param user who logs in; becomes root by `sudo -n` unless it is root
/// @param hostKeys each `type base64`; no other key is accepted
public record Host(
    UUID node,
    int attempt,
    String name,
    String address,
    int port,
    String user,
    List<String> hostKeys) {

  public Host {
    hostKeys = List.copyOf(hostKeys);
  }
}
