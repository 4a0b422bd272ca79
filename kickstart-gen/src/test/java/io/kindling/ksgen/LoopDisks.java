package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;

/// Loop devices that stand for disks, and the programs that are run on them. The kernel does not
/// read their tables by itself. Needs root.
final class LoopDisks implements AutoCloseable {

  static final int MIB = 1 << 20;
  static final long GIB = 1L << 30;

  /// @param sector bytes of a logical sector
  record Loop(String device, long bytes, int sector) {
    String name() {
      return device.substring("/dev/".length());
    }
  }

  record Result(int code, String out) {}

  private final Path dir;
  private final List<Loop> loops = new ArrayList<>();

  LoopDisks(Path dir) {
    this.dir = dir;
  }

  Loop loop(String name, long bytes) {
    return loop(name, bytes, 512);
  }

  Loop loop(String name, long bytes, int sector) {
    Path image = dir.resolve(name + ".img");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String device =
        ok("losetup", "-f", "--show", "-b", Integer.toString(sector), image.toString()).strip();
    var loop = new Loop(device, bytes, sector);
    loops.add(loop);
    return loop;
  }

  @Override
  public void close() {
    for (Loop loop : loops) {
      run("partx", "-d", loop.device());
      run("losetup", "-d", loop.device());
    }
  }

  Path write(String name, String text) {
    try {
      return Files.writeString(dir.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Runs a script by the shell that Debian calls sh.
  Result sh(String script, String... arguments) {
    var words = new ArrayList<>(List.of("dash", write("script.sh", script).toString()));
    words.addAll(List.of(arguments));
    return run(words.toArray(String[]::new));
  }

  static String ok(String... words) {
    Result result = run(words);
    assertThat(result.code()).as("%s\n%s", List.of(words), result.out()).isZero();
    return result.out();
  }

  static Result run(String... words) {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static void write(Loop loop, long at, byte[] bytes) {
    try (var device = new RandomAccessFile(loop.device(), "rw")) {
      device.seek(at);
      device.write(bytes);
      device.getFD().sync();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] read(Loop loop, long at, int length) {
    try (var device = new RandomAccessFile(loop.device(), "r")) {
      device.seek(at);
      byte[] bytes = new byte[length];
      device.readFully(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A checksum of everything between two places.
  static long sum(Loop loop, long from, long length) {
    var crc = new CRC32();
    for (long at = 0; at < length; at += MIB) {
      crc.update(read(loop, from + at, (int) Math.min(MIB, length - at)));
    }
    return crc.getValue();
  }

  /// The first and the last MiB of each disk.
  static String ends(Loop... loops) {
    var sums = new StringBuilder();
    for (Loop loop : loops) {
      sums.append(Arrays.hashCode(read(loop, 0, MIB))).append(' ');
      sums.append(Arrays.hashCode(read(loop, loop.bytes() - MIB, MIB))).append(' ');
    }
    return sums.toString();
  }

  /// sgdisk's opinion of each table: whole, and entry by entry what the plan says, no more.
  static void assertTablesAsPlanned(DiskPlan plan, List<Loop> on) {
    for (DiskPlan.PlannedDisk disk : plan.disks()) {
      Loop loop = on.stream().filter(l -> l.name().equals(disk.name())).findFirst().orElseThrow();
      long perMib = MIB / loop.sector();
      String device = loop.device();
      assertThat(ok("sgdisk", "-v", device)).contains("No problems found");
      String table = ok("sgdisk", "-p", device);
      assertThat(table).containsIgnoringCase(disk.guid().toString());
      assertThat(table.lines().filter(l -> l.matches(" +[0-9]+ +[0-9]+ +[0-9]+ .*")).count())
          .as(table)
          .isEqualTo(disk.partitions().size());
      for (DiskPlan.PlannedPartition p : disk.partitions()) {
        String info = ok("sgdisk", "-i", Integer.toString(p.number()), device);
        var kept = p.kept();
        long start = kept == null ? p.startMib() * perMib : kept.startBytes() / loop.sector();
        long size = kept == null ? p.sizeMib() * perMib : kept.sizeBytes() / loop.sector();
        assertThat(info)
            .contains("Partition GUID code: " + p.type().toString().toUpperCase(Locale.ROOT))
            .contains("Partition unique GUID: " + p.guid().toString().toUpperCase(Locale.ROOT))
            .contains("First sector: " + start + " ")
            .contains("Partition size: " + size + " sectors")
            .contains("Partition name: '" + p.label() + "'");
        assertThat(Files.exists(Path.of(device + "p" + p.number()))).isTrue();
      }
      assertThat(Files.exists(Path.of(device + "p" + (disk.partitions().size() + 20)))).isFalse();
    }
  }
}
