package io.kindling.pxe.fuzz;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What Jazzer calls; `kindling.fuzz.target` names the [Target].
public final class Fuzzing {
  private static @Nullable Consumer<byte[]> target;

  private Fuzzing() {}

  public static void fuzzerInitialize() {
    target = Target.valueOf(System.getProperty("kindling.fuzz.target", "")).start();
  }

  public static void fuzzerTestOneInput(byte[] input) {
    if (target == null) {
      throw new IllegalStateException("not initialised");
    }
    target.accept(input);
  }
}
