package io.kindling.postinstall.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The files that lie beside this module's classes.
public final class Resources {

  private Resources() {}

  /// The text of a resource beside that class.
  public static String text(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is not in the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The script that starts a job apart from its connection, or joins it, and prints its output.
  public static String follow() {
    return text(Resources.class, "follow.sh");
  }

  /// The script that ends a running job.
  public static String stop() {
    return text(Resources.class, "stop.sh");
  }
}
