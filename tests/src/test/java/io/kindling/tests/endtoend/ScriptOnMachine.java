package io.kindling.tests.endtoend;

import io.kindling.isobuild.BootstrapImage;
import io.kindling.tests.rack.Accelerator;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Qmp;
import io.kindling.tests.rack.RackEnvironment;
import io.kindling.tests.rack.Terminal;
import io.kindling.tests.rack.Waiting;
import io.kindling.tests.structure.Repository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;

/// The bootstrap image in an emulated machine without a network, and scripts run in it one after
/// another: the kernel has what the host's may lack (md, device mapper, bcache), and drives of any
/// kind. One boot serves many cases.
///
/// Not thread-safe.
final class ScriptOnMachine implements AutoCloseable {

  static final Duration BOOT = Duration.ofMinutes(5);

  enum Bus {
    VIRTIO,
    SCSI,
    NVME
  }

  /// @param sector bytes of a logical sector
  /// @param file the drive whose bytes it shows (a second path to it), else its own name
  record Drive(String serial, Bus bus, long mib, int sector, String file) {
    Drive(String serial, Bus bus, long mib, int sector) {
      this(serial, bus, mib, sector, serial);
    }

    /// The link by which a plan knows it.
    String link() {
      return switch (bus) {
        case VIRTIO -> "disk/by-id/virtio-" + serial;
        case SCSI -> "disk/by-id/wwn-0x" + wwn();
        case NVME -> "disk/by-id/nvme-QEMU_NVMe_Ctrl_" + serial;
      };
    }

    /// Paths to one drive have one name.
    String wwn() {
      return String.format("5000c500%08x", file.hashCode());
    }

    long bytes() {
      return mib << 20;
    }
  }

  record Result(int code, String out) {}

  private final Path directory;
  private final List<Drive> drives;
  private final Process process;
  private final SocketChannel port;
  private final InputStream from;
  private final OutputStream to;

  private ScriptOnMachine(Path directory, List<Drive> drives, Process process, SocketChannel port) {
    this.directory = directory;
    this.drives = drives;
    this.process = process;
    this.port = port;
    this.from = Channels.newInputStream(port);
    this.to = Channels.newOutputStream(port);
  }

  /// Boots a machine with blank drives.
  static ScriptOnMachine boot(String name, List<Drive> drives) throws Exception {
    Path directory =
        new RackEnvironment(Repository.root(), RackEnvironment.ofThisMachine().cache())
            .emptied("script-" + name);
    for (Drive drive : drives) {
      try (var file = new RandomAccessFile(image(directory, drive).toFile(), "rw")) {
        file.setLength(drive.bytes());
      }
    }
    return again(directory, drives);
  }

  /// Cuts the power and boots again with the same drives.
  ScriptOnMachine cycle() throws Exception {
    close();
    return again(directory, drives);
  }

  private static ScriptOnMachine again(Path directory, List<Drive> drives) throws Exception {
    var terminal = new Terminal(System.out);
    BootstrapImage image = RackEnvironment.ofThisMachine().images(terminal).bootstrap();
    Path initrd = directory.resolve("initrd");
    try (OutputStream out = Files.newOutputStream(initrd)) {
      Files.copy(image.initrd(), out);
      out.write(harness(directory));
    }
    Path socket = directory.resolve("port.sock");
    Files.deleteIfExists(socket);
    Process process =
        new ProcessBuilder(command(directory, drives, image.kernel(), initrd, socket))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("qemu.log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    Waiting.until(
        "QEMU's socket", BOOT, () -> Files.exists(socket), () -> alive(process, directory));
    SocketChannel port = SocketChannel.open(StandardProtocolFamily.UNIX);
    port.connect(UnixDomainSocketAddress.of(socket));
    var machine = new ScriptOnMachine(directory, drives, process, port);
    String first = machine.within(BOOT, machine::line);
    if (!first.equals("ready")) {
      throw new IllegalStateException("the machine says " + first);
    }
    return machine;
  }

  private static void alive(Process process, Path directory) {
    if (!process.isAlive()) {
      throw new IllegalStateException("QEMU ended: see " + directory.resolve("qemu.log"));
    }
  }

  /// Runs a script by the image's sh, as root.
  Result run(String script, Duration limit) {
    byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
    return within(
        limit,
        () -> {
          to.write((bytes.length + "\n").getBytes(StandardCharsets.US_ASCII));
          to.write(bytes);
          to.flush();
          String[] answer = line().split(" ", 2);
          byte[] out = from.readNBytes(Integer.parseInt(answer[1]));
          return new Result(Integer.parseInt(answer[0]), new String(out, StandardCharsets.UTF_8));
        });
  }

  /// Puts a file into the machine.
  void put(String path, String text) {
    Result result =
        run(
            "cat >'" + path + "' <<'KINDLING_END'\n" + text + "\nKINDLING_END\n",
            Duration.ofMinutes(2));
    if (result.code() != 0) {
      throw new IllegalStateException(result.out());
    }
  }

  /// How often the machine has written to each drive since it was powered on.
  long writes(String serial) throws IOException {
    try (var qmp = new Qmp(directory.resolve("qmp.sock"))) {
      for (JsonNode drive : qmp.execute("query-blockstats", Map.of())) {
        if (drive.path("device").asString().equals("drive-" + serial)) {
          JsonNode stats = drive.path("stats");
          return stats.path("wr_operations").asLong() + stats.path("unmap_operations").asLong();
        }
      }
      throw new IllegalStateException("QEMU knows no drive " + serial);
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().join();
    port.close();
  }

  private interface Talk<T> {
    T talk() throws IOException;
  }

  private <T> T within(Duration limit, Talk<T> talk) {
    CompletableFuture<T> future =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return talk.talk();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            task -> Thread.ofVirtual().start(task));
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IllegalStateException("no answer; see " + directory.resolve("console.log"), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private String line() throws IOException {
    return readLine(from);
  }

  private static String readLine(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the machine is gone");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private static Path image(Path directory, Drive drive) {
    return directory.resolve(drive.file() + ".raw");
  }

  /// The files of the harness, and programs of the host that the image lacks, as a cpio archive.
  private static byte[] harness(Path directory) throws Exception {
    Path root = directory.resolve("initrd.d");
    Path folder = Files.createDirectories(root.resolve("harness"));
    for (String file : List.of("init", "last", "run")) {
      try (InputStream in = ScriptOnMachine.class.getResourceAsStream("on-machine/" + file)) {
        Files.write(folder.resolve(file), Objects.requireNonNull(in).readAllBytes());
      }
    }
    Path bcache = Path.of("/usr/sbin/make-bcache");
    if (Files.exists(bcache)) {
      Files.write(folder.resolve("make-bcache"), Files.readAllBytes(bcache));
    }
    Commands.run("sh", "-c", "chmod 0755 " + folder + "/*");
    Path archive = directory.resolve("harness.cpio");
    Commands.run("sh", "-c", "cd " + root + " && find . | cpio --quiet -o -H newc >" + archive);
    return Files.readAllBytes(archive);
  }

  private static List<String> command(
      Path directory, List<Drive> drives, Path kernel, Path initrd, Path socket) {
    var c = new ArrayList<String>();
    add(c, "nice", "qemu-system-x86_64", "-machine", "q35");
    add(c, "-accel", Accelerator.probe(kernel), "-cpu", Accelerator.CPU);
    add(c, "-smp", "1", "-m", "1536");
    add(c, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot");
    add(c, "-kernel", kernel.toString(), "-initrd", initrd.toString());
    add(c, "-append", "console=ttyS0 rdinit=/harness/init panic=-1");
    add(c, "-serial", "file:" + directory.resolve("console.log"));
    add(c, "-qmp", "unix:" + directory.resolve("qmp.sock") + ",server=on,wait=off");
    add(c, "-device", "virtio-rng-pci", "-device", "virtio-serial-pci");
    add(c, "-chardev", "socket,id=port,server=on,wait=off,path=" + socket);
    add(c, "-device", "virtserialport,chardev=port,name=harness");
    for (int i = 0; i < drives.size(); i++) {
      Drive drive = drives.get(i);
      add(
          c,
          "-drive",
          "if=none,format=raw,cache=unsafe,discard=unmap,file.locking=off,id=drive-"
              + drive.serial()
              + ",file="
              + image(directory, drive));
      String common =
          ",drive=drive-"
              + drive.serial()
              + ",serial="
              + drive.file()
              + ",logical_block_size="
              + drive.sector()
              + ",physical_block_size=4096";
      switch (drive.bus()) {
        case VIRTIO -> add(c, "-device", "virtio-blk-pci,share-rw=on" + common);
        case NVME -> add(c, "-device", "nvme,share-rw=on" + common);
        case SCSI -> {
          add(c, "-device", "virtio-scsi-pci,id=scsi" + i);
          add(
              c,
              "-device",
              "scsi-hd,share-rw=on,bus=scsi" + i + ".0,wwn=0x" + drive.wwn() + common);
        }
      }
    }
    return c;
  }

  private static void add(List<String> command, String... words) {
    command.addAll(List.of(words));
  }
}
