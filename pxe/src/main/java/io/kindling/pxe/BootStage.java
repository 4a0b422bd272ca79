package io.kindling.pxe;

import java.util.Locale;

/// The stages of a boot over the network, in order.
public enum BootStage {
  DHCP,
  LOADER,
  SCRIPT,
  KERNEL,
  AGENT;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
