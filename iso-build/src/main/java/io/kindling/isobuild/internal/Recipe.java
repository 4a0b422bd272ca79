package io.kindling.isobuild.internal;

import io.kindling.isobuild.Artefact;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// How one artefact is built: files to unpack, the one of them to run, what it leaves.
///
/// @param script the file of `files` that is run by bash
/// @param files relative path → content; no two recipes with equal files, suite and artefact build
///   different things
/// @param environment variables for the script whose value is a path relative to the unpacked files
/// @param products files that have to be there in the end
public record Recipe(
    Artefact artefact,
    String suite,
    String script,
    SortedMap<String, byte[]> files,
    Map<String, String> environment,
    List<String> products) {

  /// Raised when a change of the Java part changes what is built.
  private static final String VERSION = "1";

  private static final int HASH_BYTES = 8;

  public Recipe {
    files = new TreeMap<>(files);
    environment = Map.copyOf(environment);
    products = List.copyOf(products);
  }

  /// Of everything that decides what is built, less the mirror: 16 hexadecimal digits.
  public String hash() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    for (String text : List.of(VERSION, artefact.id(), suite, script)) {
      add(digest, text.getBytes(StandardCharsets.UTF_8));
    }
    new TreeMap<>(environment)
        .forEach((name, path) -> add(digest, (name + "=" + path).getBytes(StandardCharsets.UTF_8)));
    files.forEach((path, content) -> {
      add(digest, path.getBytes(StandardCharsets.UTF_8));
      add(digest, content);
    });
    return HexFormat.of().formatHex(digest.digest(), 0, HASH_BYTES);
  }

  /// Where it stands in the cache.
  public String directory() {
    return artefact.id() + "-" + hash();
  }

  /// Each part with its length, so that no two lists of parts look the same.
  private static void add(MessageDigest digest, byte[] part) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
    digest.update(part);
  }
}
