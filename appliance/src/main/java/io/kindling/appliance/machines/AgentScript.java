package io.kindling.appliance.machines;

import io.kindling.inventory.Inventory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The agent, for machines that fetch it themselves. Immutable.
public final class AgentScript {
  private static final String RESOURCE = "/io/kindling/inventory/agent/kindling-agent.sh";

  /// Its address on the machines' listener.
  public static final String PATH = "/agent/v1/kindling-agent.sh";

  private final byte[] bytes;

  public AgentScript() {
    try (InputStream in = Inventory.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("not in the class path: " + RESOURCE);
      }
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  /// What an operator compares the fetched file with, in hexadecimal.
  public String sha256() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has SHA-256
    }
  }
}
