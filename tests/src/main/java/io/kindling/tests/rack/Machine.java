package io.kindling.tests.rack;

import io.kindling.tests.rack.MachineSpec.Bus;
import io.kindling.tests.rack.MachineSpec.Drive;
import io.kindling.tests.rack.MachineSpec.Firmware;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One emulated machine (QEMU): its drives and console are files in its directory, its NICs ports
/// of the rack's switch. Network stands first in its boot order, then the drives in order.
///
/// Not thread-safe.
public final class Machine {

  private static final List<Path> OVMF_CODE =
      List.of(Path.of("/usr/share/OVMF/OVMF_CODE_4M.fd"), Path.of("/usr/share/OVMF/OVMF_CODE.fd"));
  private static final List<Path> OVMF_VARS =
      List.of(Path.of("/usr/share/OVMF/OVMF_VARS_4M.fd"), Path.of("/usr/share/OVMF/OVMF_VARS.fd"));
  private static final List<Path> SECURE_CODE =
      List.of(Path.of("/usr/share/OVMF/OVMF_CODE_4M.ms.fd"));
  private static final List<Path> SECURE_VARS =
      List.of(Path.of("/usr/share/OVMF/OVMF_VARS_4M.ms.fd"));

  /// Stands on the serial console where it is switched on.
  public static final String POWER_ON = "\n--- power on ---\n";

  private static final Duration START = Duration.ofMinutes(1);

  /// Started in QEMU's place where the boot NIC's ROM is to look like a plain one.
  private static final String PLAIN_ROM = "plain_rom.py";

  private final MachineSpec spec;
  private final Path directory;
  private final Network network;
  private final String accelerator;
  private final int number;
  private final Set<Integer> pulled = new HashSet<>();
  private @Nullable Medium medium;
  private List<Integer> order;

  /// @param number the machine's place in the rack, part of its taps' names
  /// @param accelerator QEMU's `-accel` value
  public Machine(
      MachineSpec spec, int number, Path directory, Network network, String accelerator) {
    this.spec = spec;
    this.number = number;
    this.directory = directory;
    this.network = network;
    this.accelerator = accelerator;
    this.order = IntStream.range(0, spec.drives().size()).boxed().toList();
  }

  public MachineSpec spec() {
    return spec;
  }

  /// The serial console's file; grows over power cycles.
  public Path console() {
    return directory.resolve("console.log");
  }

  /// The drive's file: its raw bytes, sparse.
  public Path drive(int index) {
    return directory.resolve("drive" + index + ".raw");
  }

  /// Puts a disc in or plugs a stick in, to start from before anything else from the next power-on;
  /// null takes it out.
  public void insert(@Nullable Medium other) {
    medium = other;
  }

  /// Takes the drive out: it is not there from the next power-on.
  public void pull(int index) {
    pulled.add(index);
  }

  /// Puts the drive back in, with what is on it: at once where it is a SCSI drive and the machine
  /// is on, else it is there from the next power-on.
  public void insert(int index) {
    pulled.remove(index);
    Drive drive = spec.drives().get(index);
    if (!isOn() || drive.bus() != Bus.SCSI) {
      return;
    }
    try (var qmp = new Qmp(directory.resolve("qmp.sock"))) {
      qmp.execute(
          "blockdev-add",
          Map.of(
              "node-name",
              "hot" + index,
              "driver",
              "raw",
              "file",
              Map.of("driver", "file", "filename", drive(index).toString())));
      qmp.execute(
          "device_add",
          Map.of(
              "driver",
              "scsi-hd",
              "id",
              "hotplug" + index,
              "bus",
              "scsi" + index + ".0",
              "drive",
              "hot" + index,
              "serial",
              drive.serial(),
              "wwn",
              Long.parseLong(wwn(drive), 16),
              "rotation_rate",
              7200));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Puts the drives into other slots: the machine finds them in this order from the next power-on.
  public void order(List<Integer> indexes) {
    order = List.copyOf(indexes);
  }

  /// Makes the drives blank (all zeros) and the firmware's variables new.
  public void blank() {
    try {
      Files.createDirectories(directory);
      for (int i = 0; i < spec.drives().size(); i++) {
        Files.deleteIfExists(drive(i));
        try (var file = new RandomAccessFile(drive(i).toFile(), "rw")) {
          file.setLength(spec.drives().get(i).sizeMib() << 20);
        }
      }
      if (spec.firmware().isUefi()) {
        Files.copy(
            firstOf(secureBoot() ? SECURE_VARS : OVMF_VARS),
            variables(),
            StandardCopyOption.REPLACE_EXISTING);
      }
      Files.deleteIfExists(console());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Powers on, booting from the first NIC.
  public void on() {
    on(0);
  }

  /// Powers on with the NIC of that index first in the boot order.
  public void on(int bootNic) {
    if (isOn()) {
      return;
    }
    try {
      Files.createDirectories(directory);
      for (int i = 0; i < spec.macs().size(); i++) {
        network.plug(tap(i));
      }
      Files.writeString(
          console(),
          POWER_ON,
          StandardCharsets.UTF_8,
          java.nio.file.StandardOpenOption.CREATE,
          java.nio.file.StandardOpenOption.APPEND);
      var builder = new ProcessBuilder(network.in(command(bootNic).toArray(String[]::new)));
      builder.redirectErrorStream(true);
      builder.redirectOutput(
          ProcessBuilder.Redirect.appendTo(directory.resolve("qemu.log").toFile()));
      Process started = builder.start();
      Files.writeString(pidFile(), Long.toString(started.pid()));
      // While `ip` becomes QEMU its command line is empty for a moment: a process that is there
      // would be taken for one that died.
      Waiting.until(
          spec.name() + " as a process of QEMU",
          START,
          () -> !started.isAlive() || commandLine(started.pid()).startsWith("qemu"),
          () -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Cuts the power.
  public void off() {
    process()
        .ifPresent(running -> {
          running.destroyForcibly();
          running.onExit().join();
        });
    try {
      Files.deleteIfExists(pidFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Cuts the power and powers on again.
  public void cycle() {
    off();
    on();
  }

  /// True while its process runs, also when another run of Kindling started it.
  public boolean isOn() {
    return process().isPresent();
  }

  /// Fails with a named error where the machine was powered on and its process ended by itself.
  public void mustRun() {
    if (Files.exists(pidFile()) && !isOn()) {
      throw new RackException(RackError.MACHINE_DIED, spec.name());
    }
  }

  /// True while the machine of that directory runs.
  static boolean isOn(Path directory) {
    return process(directory).isPresent();
  }

  private Optional<ProcessHandle> process() {
    return process(directory);
  }

  private static Optional<ProcessHandle> process(Path directory) {
    Path pidFile = directory.resolve("pid");
    try {
      if (!Files.exists(pidFile)) {
        return Optional.empty();
      }
      long pid = Long.parseLong(Files.readString(pidFile).strip());
      // A number may be used again: only a process of ours has our directory on its command line.
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .filter(handle -> commandLine(pid).contains(directory.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Empty where there is no such process (any more).
  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
    } catch (IOException gone) {
      return "";
    }
  }

  private Path pidFile() {
    return directory.resolve("pid");
  }

  private String tap(int nic) {
    return "m" + number + "n" + nic;
  }

  private Path variables() {
    return directory.resolve("firmware-variables.fd");
  }

  private List<String> command(int bootNic) {
    var c = new ArrayList<String>();
    boolean plainRom = spec.firmware() == Firmware.BIOS_PLAIN_PXE;
    if (plainRom) {
      add(c, "python3", plainRom().toString(), tap(bootNic), directory.toString());
    }
    c.add("qemu-system-x86_64");
    boolean uefi = spec.firmware().isUefi();
    // graphics=off: SeaBIOS and the loaders it starts write to the serial console too.
    // smm=on: only code in system management mode may write the variables that hold the keys.
    String machine = !uefi ? "q35,graphics=off" : secureBoot() ? "q35,smm=on" : "q35";
    add(c, "-name", spec.name(), "-machine", machine, "-accel", accelerator);
    add(c, "-cpu", Accelerator.CPU);
    add(c, "-smp", "1", "-m", Integer.toString(spec.memoryMib()));
    add(c, "-nodefaults", "-display", "none", "-vga", "std", "-no-user-config");
    String uuid = spec.uuid();
    add(
        c,
        "-uuid",
        uuid != null
            ? uuid
            : UUID.nameUUIDFromBytes(spec.name().getBytes(StandardCharsets.UTF_8)).toString());
    String serial = spec.serial();
    add(
        c,
        "-smbios",
        "type=1,manufacturer=Kindling,product=Virtual rack machine,serial="
            + (serial != null ? serial : spec.name()));
    add(c, "-chardev", "file,id=console,append=on,path=" + console(), "-serial", "chardev:console");
    add(c, "-qmp", "unix:" + directory.resolve("qmp.sock") + ",server=on,wait=off");
    add(c, "-device", "virtio-rng-pci");
    if (secureBoot()) {
      add(c, "-global", "driver=cfi.pflash01,property=secure,value=on");
      add(c, "-global", "ICH9-LPC.disable_s3=1");
    }
    if (spec.firmware() == Firmware.UEFI_HTTP) {
      add(c, "-fw_cfg", "name=opt/org.tianocore/IPv4PXESupport,string=n");
      add(c, "-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n");
    }
    if (uefi) {
      Path code = firstOf(secureBoot() ? SECURE_CODE : OVMF_CODE);
      add(c, "-drive", "if=pflash,format=raw,unit=0,readonly=on,file=" + code);
      add(c, "-drive", "if=pflash,format=raw,unit=1,file=" + variables());
    }
    int slot = 3;
    for (int i : order) {
      addDrive(c, i, spec.drives().get(i), slot);
      slot++;
    }
    if (medium != null) {
      c.addAll(medium.arguments());
    }
    slot = 0x10;
    for (int i = 0; i < spec.macs().size(); i++) {
      add(
          c,
          "-netdev",
          plainRom && i == bootNic
              ? "dgram,id=net"
                  + i
                  + ",local.type=unix,local.path="
                  + directory.resolve("nic.sock")
                  + ",remote.type=unix,remote.path="
                  + directory.resolve("cable.sock")
              : "tap,id=net" + i + ",script=no,downscript=no,ifname=" + tap(i));
      String nic = "virtio-net-pci,netdev=net" + i + ",mac=" + spec.macs().get(i);
      nic += ",addr=0x" + Integer.toHexString(slot++);
      if (i == bootNic) {
        nic += ",bootindex=1";
      }
      // OVMF has its own driver; an option ROM would replace its PXE by iPXE. SeaBIOS starts the
      // ROM of the NIC that stands first.
      if (uefi || i != bootNic) {
        nic += ",romfile=";
      }
      add(c, "-device", nic);
    }
    return c;
  }

  private boolean secureBoot() {
    return spec.firmware() == Firmware.UEFI_SECURE_BOOT;
  }

  private Path plainRom() {
    Path program = directory.resolve(PLAIN_ROM);
    try (InputStream resource = Machine.class.getResourceAsStream(PLAIN_ROM)) {
      Files.write(program, Objects.requireNonNull(resource, PLAIN_ROM).readAllBytes());
      return program;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void addDrive(List<String> c, int index, Drive drive, int slot) {
    String id = "drive" + index;
    String at = ",addr=0x" + Integer.toHexString(slot);
    String boot = ",bootindex=" + (index + 2);
    if (drive.bus() == Bus.SCSI) {
      add(c, "-device", "virtio-scsi-pci,id=scsi" + index + at);
    }
    if (pulled.contains(index)) {
      return;
    }
    add(
        c,
        "-drive",
        "if=none,format=raw,cache=unsafe,discard=unmap,id=" + id + ",file=" + drive(index));
    switch (drive.bus()) {
      case Bus.VIRTIO ->
          add(c, "-device", "virtio-blk-pci,drive=" + id + ",serial=" + drive.serial() + at + boot);
      case Bus.NVME ->
          add(c, "-device", "nvme,drive=" + id + ",serial=" + drive.serial() + at + boot);
      case Bus.SCSI ->
          add(
              c,
              "-device",
              "scsi-hd,bus=scsi"
                  + index
                  + ".0,drive="
                  + id
                  + ",serial="
                  + drive.serial()
                  + ",wwn=0x"
                  + wwn(drive)
                  + ",rotation_rate=7200"
                  + boot);
    }
  }

  /// A NAA 5 name with a registered vendor's prefix and the serial's hash: stable per serial.
  private static String wwn(Drive drive) {
    return String.format("5000c500%08x", drive.serial().hashCode());
  }

  private static void add(List<String> command, String... words) {
    command.addAll(List.of(words));
  }

  private static Path firstOf(List<Path> candidates) {
    return candidates.stream()
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(
            () -> new RackException(RackError.FIRMWARE_MISSING, candidates.getFirst().toString()));
  }
}
