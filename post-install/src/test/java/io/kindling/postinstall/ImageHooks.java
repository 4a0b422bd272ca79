package io.kindling.postinstall;

import java.util.function.Consumer;

/// Hooks of installations that need no installer of a release.
///
/// @param onDisk told of the installed system's host key
public record ImageHooks(Consumer<String> onDisk) implements InstallHooks {

  @Override
  public void systemOnDisk(InstallPlan plan, String hostKey) {
    onDisk.accept(hostKey);
  }

  @Override
  public void installerNext(InstallPlan plan) {
    throw new AssertionError("an image is installed by the bootstrap");
  }
}
