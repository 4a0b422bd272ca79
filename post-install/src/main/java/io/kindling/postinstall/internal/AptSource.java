package io.kindling.postinstall.internal;

import io.kindling.postinstall.InstallPlan.PackageSource;

/// The appliance's mirror as apt's source on a node, signed by the mirror's key. Pure.
public final class AptSource {
  public static final String KEY = "/etc/apt/keyrings/kindling.asc";
  public static final String LIST = "/etc/apt/sources.list.d/kindling.list";

  private AptSource() {}

  /// The content of [#LIST].
  public static String list(PackageSource source) {
    return "# Written by Kindling: the appliance's mirror.\ndeb [signed-by=%s] %s %s main\n"
        .formatted(KEY, source.url(), source.suite());
  }
}
