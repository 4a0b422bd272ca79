package io.kindling.appliance.cli;

import picocli.CommandLine.IVersionProvider;

/// The version of the build, from the jar's manifest.
final class KindlingVersion implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = KindlingVersion.class.getPackage().getImplementationVersion();
    return new String[] {"kindling " + (version == null ? "(built from sources)" : version)};
  }
}
