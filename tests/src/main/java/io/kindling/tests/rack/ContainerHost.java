package io.kindling.tests.rack;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import io.kindling.ksgen.DiskPlan;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One container host: the node image's own systemd and sshd in systemd-nspawn, in a network
/// namespace of its own with an untagged NIC for each network, and loop devices as its drives. It
/// has its operating system already, so it is what an `existing` node is; SSH answers some seconds
/// after [#on].
///
/// Not thread-safe.
public final class ContainerHost {

  private static final String SCRIPT = "container-host.sh";

  /// Its file systems are written out at the end, onto a disk that others write to.
  private static final Duration SHUTDOWN = Duration.ofMinutes(5);

  private final ContainerSpec spec;
  private final Path directory;
  private final Path image;
  private final Network network;
  private final LoopDisks disks;
  private final List<Path> plugged = new ArrayList<>();
  private @Nullable Process process;

  /// @param directory the host's own; what it writes is in `changes/`, its drives are files beside
  /// @param image the unpacked node image
  ContainerHost(ContainerSpec spec, Path directory, Path image, Network network) {
    this.spec = spec;
    this.directory = directory;
    this.image = image;
    this.network = network;
    this.disks =
        new LoopDisks(
            directory,
            UUID.nameUUIDFromBytes(spec.machineId().getBytes(StandardCharsets.UTF_8)),
            spec.osds(),
            spec.journal());
  }

  public ContainerSpec spec() {
    return spec;
  }

  /// Its console's file; grows over power cycles.
  public Path console() {
    return directory.resolve("console.log");
  }

  /// The folder with everything it wrote over the node image, as paths from its root.
  public Path changes() {
    return directory.resolve("changes");
  }

  /// The partitions of its drives and which OSD has which db, as the product lays them out.
  public DiskPlan plan() {
    return disks.plan();
  }

  /// The file behind a drive: data drives in the specification's order, then the journal's.
  public Path drive(int index) {
    return disks.file(index);
  }

  /// Plugs a blank drive into the host while it runs, as a hot-plug bay does. The host has no udev:
  /// the rack makes the nodes of the drive and of the partitions that it gets.
  ///
  /// @return its kernel name
  public String plugDrive(int mib) {
    try {
      Path file = directory.resolve("plugged" + plugged.size() + ".raw");
      try (var drive = new RandomAccessFile(file.toFile(), "rw")) {
        drive.setLength((long) mib << 20);
      }
      plugged.add(file);
      String name = attach(file);
      Files.writeString(directory.resolve("plugged"), "/dev/" + name + "\n", CREATE, APPEND);
      return name;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void attachPlugged() throws IOException {
    var devices = new StringBuilder();
    for (Path file : plugged) {
      String device = "/dev/" + attach(file);
      Commands.attempt(Duration.ofSeconds(10), List.of("partx", "--update", device));
      devices.append(device).append('\n');
    }
    Files.writeString(directory.resolve("plugged"), devices);
  }

  private String attach(Path file) {
    String device = Commands.run("losetup", "--find", "--show", file.toString()).strip();
    String name = device.substring("/dev/".length());
    Thread.ofVirtual().start(() -> nodes(name));
    return name;
  }

  /// Breaks a drive: what it held is gone.
  ///
  /// @param index as of [#drive]
  public void breakDrive(int index) {
    try (var drive = new RandomAccessFile(drive(index).toFile(), "rw")) {
      drive.setLength(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// As udev would: a node inside for each block device of that drive, as long as the rack is up.
  private void nodes(String drive) {
    var made = new java.util.HashSet<String>();
    try {
      while (Files.exists(Path.of("/sys/class/block", drive)) && network.exists()) {
        List<ProcessHandle> inside = init().toList();
        try (Stream<Path> all = Files.list(Path.of("/sys/class/block"))) {
          for (Path device : all.toList()) {
            String name = device.getFileName().toString();
            boolean its = name.equals(drive) || name.startsWith(drive + "p");
            if (its && !inside.isEmpty() && !made.contains(inside.getFirst().pid() + name)) {
              String[] numbers = Files.readString(device.resolve("dev")).strip().split(":");
              Commands.attempt(
                  Duration.ofSeconds(10),
                  List.of(
                      "nsenter",
                      "--mount",
                      "--target",
                      Long.toString(inside.getFirst().pid()),
                      "sh",
                      "-c",
                      "[ -b /dev/%1$s ] || mknod /dev/%1$s b %2$s %3$s"
                          .formatted(name, numbers[0], numbers[1])));
              made.add(inside.getFirst().pid() + name);
            }
          }
        }
        Thread.sleep(200);
      }
    } catch (IOException | InterruptedException e) {
      Thread.currentThread().interrupt(); // the drive is gone
    }
  }

  /// The host's first process, where it runs.
  private Stream<ProcessHandle> init() {
    return Network.processesIn(namespace())
        .filter(p -> p.info().command().orElse("").endsWith("/systemd-nspawn"))
        .flatMap(ProcessHandle::children);
  }

  /// Makes its files and its drives, blank.
  void make() {
    try {
      Files.createDirectories(directory.resolve("network"));
      for (Map.Entry<String, String> file : spec.networkFiles().entrySet()) {
        Files.writeString(directory.resolve("network").resolve(file.getKey()), file.getValue());
      }
      try (InputStream script = ContainerHost.class.getResourceAsStream(SCRIPT)) {
        if (script == null) {
          throw new IllegalStateException("not in the class path: " + SCRIPT);
        }
        Files.write(directory.resolve(SCRIPT), script.readAllBytes());
      }
      disks.blank();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Powers on. Its network is plugged and its drives are attached as long as the rack is up.
  public void on() {
    if (isOn()) {
      return;
    }
    try {
      plug();
      LoopDisks.detachAll(directory);
      attachPlugged();
      var command =
          new ArrayList<>(
              List.of(
                  "nsenter",
                  "--net=/run/netns/" + namespace(),
                  "unshare",
                  "--mount",
                  "--propagation",
                  "private",
                  "sh",
                  directory.resolve(SCRIPT).toString(),
                  directory.toString()));
      command.addAll(disks.attach());
      var builder = new ProcessBuilder(command);
      String key = spec.authorizedKey();
      builder
          .environment()
          .putAll(
              Map.of(
                  "IMAGE",
                  image.toString(),
                  "NAME",
                  spec.name(),
                  "MACHINE_ID",
                  spec.machineId(),
                  "AUTHORIZED_KEY",
                  key == null ? "" : key.strip()));
      builder.redirectErrorStream(true);
      builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(console().toFile()));
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Fails with a named error where it was powered on and its process ended by itself.
  public void mustRun() {
    Process started = process;
    if (started != null && !started.isAlive()) {
      throw new RackException(RackError.MACHINE_DIED, spec.name() + ", see " + console());
    }
  }

  /// Cuts the power: every process of the host ends at once, its NICs fall silent. The drives stay
  /// attached.
  public void off() {
    process = null;
    Network.endIn(namespace());
    silence();
  }

  /// The kernel underneath would answer for it; its own system takes its NICs up when it starts.
  private void silence() {
    for (String nic : spec.addresses().keySet()) {
      Commands.run("ip", "-n", namespace(), "link", "set", nic, "down");
    }
  }

  /// Shuts the system down as an operator would, and returns when it is off.
  public void shutDown() {
    mustRun();
    process = null;
    List<ProcessHandle> inits = init().toList();
    // systemd(1): RTMIN+4 is the order to power off. nspawn's child is the host's first process.
    inits.forEach(init -> Commands.run("kill", "-s", "RTMIN+4", Long.toString(init.pid())));
    try {
      Waiting.until(spec.name() + " to be off", SHUTDOWN, () -> !isOn(), () -> {});
    } catch (RackException late) {
      String last = Commands.run("tail", "-n", "20", console().toString());
      throw new RackException(
          late.error(),
          "%s to be off; told %s; its console ends:%n%s".formatted(spec.name(), inits, last));
    }
    silence();
  }

  /// Cuts the power and powers on again.
  public void cycle() {
    off();
    on();
  }

  /// True while a process of it runs, also when another run of Kindling started it.
  public boolean isOn() {
    return network.runs(spec.name());
  }

  /// The network namespace that is the host's own.
  String namespace() {
    return network.namespaceOf(spec.name());
  }

  private void plug() {
    if (network.hosts().contains(spec.name())) {
      return;
    }
    Commands.run("ip", "netns", "add", namespace());
    Commands.run("ip", "-n", namespace(), "link", "set", "lo", "up");
    int index = 0;
    for (String name : spec.addresses().sequencedKeySet()) {
      String bridge = name.equals(ContainerSpec.MANAGEMENT) ? Network.BRIDGE : name;
      network.wire(bridge, "c" + spec.number() + "n" + index, namespace(), name, spec.mac(index));
      index++;
    }
  }
}
