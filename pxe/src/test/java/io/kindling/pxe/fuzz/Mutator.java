package io.kindling.pxe.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// A fuzzer that learns: inputs are mutations of a corpus, and an input whose outcome was never
/// seen before joins it. The same seed makes the same inputs.
final class Mutator {
  private static final int[] INTERESTING = {0, 1, 2, 3, 6, 16, 52, 53, 82, 127, 128, 254, 255};
  private static final int MAX_LENGTH = 2048;

  private final Random random;
  private final List<byte[]> corpus = new ArrayList<>();
  private final Set<String> outcomes = new HashSet<>();

  Mutator(long seed, List<byte[]> begin) {
    random = new Random(seed);
    corpus.addAll(begin);
  }

  /// Feeds the target for that long; what the target throws ends it, with the input as hex.
  ///
  /// @param target says in a word what became of an input
  long run(long nanos, Function<byte[], String> target) {
    corpus.forEach(input -> outcomes.add(feed(input, target)));
    long end = System.nanoTime() + nanos;
    long inputs = 0;
    while (System.nanoTime() < end) {
      byte[] input = mutate(corpus.get(random.nextInt(corpus.size())));
      inputs++;
      if (outcomes.add(feed(input, target))) {
        corpus.add(input);
      }
    }
    return inputs;
  }

  private static String feed(byte[] input, Function<byte[], String> target) {
    try {
      return target.apply(input);
    } catch (RuntimeException | Error e) {
      throw new AssertionError("input " + HexFormat.of().formatHex(input), e);
    }
  }

  private byte[] mutate(byte[] from) {
    byte[] bytes = from.clone();
    for (int times = 1 + random.nextInt(6); times > 0; times--) {
      bytes = once(bytes);
    }
    return bytes;
  }

  private byte[] once(byte[] bytes) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt(256)};
    }
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(7)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt(256);
      case 2 -> bytes[at] = (byte) INTERESTING[random.nextInt(INTERESTING.length)];
      case 3 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 4 -> { // a part once more
        int length = 1 + random.nextInt(Math.min(64, bytes.length - at));
        return splice(bytes, at, Arrays.copyOfRange(bytes, at, at + length));
      }
      case 5 -> { // a part of another one
        byte[] other = corpus.get(random.nextInt(corpus.size()));
        if (other.length > 0) {
          int from = random.nextInt(other.length);
          int length = 1 + random.nextInt(Math.min(64, other.length - from));
          return splice(bytes, at, Arrays.copyOfRange(other, from, from + length));
        }
      }
      default -> { // a part less
        int length = 1 + random.nextInt(Math.min(16, bytes.length - at));
        byte[] less = Arrays.copyOf(bytes, bytes.length - length);
        System.arraycopy(bytes, at + length, less, at, bytes.length - at - length);
        return less;
      }
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int at, byte[] part) {
    if (bytes.length + part.length > MAX_LENGTH) {
      return bytes;
    }
    byte[] more = Arrays.copyOf(bytes, bytes.length + part.length);
    System.arraycopy(part, 0, more, at, part.length);
    System.arraycopy(bytes, at, more, at + part.length, bytes.length - at);
    return more;
  }

  int outcomes() {
    return outcomes.size();
  }

  /// One input a line, as hex.
  void keep(Path file) throws IOException {
    Set<String> lines = new TreeSet<>();
    corpus.forEach(input -> lines.add(HexFormat.of().formatHex(input)));
    Files.write(file, lines);
  }

  static List<byte[]> read(Path file) throws IOException {
    return Files.readAllLines(file).stream().map(HexFormat.of()::parseHex).toList();
  }
}
