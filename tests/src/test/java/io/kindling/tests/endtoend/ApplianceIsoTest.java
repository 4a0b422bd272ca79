package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.isobuild.ApplianceIso;
import io.kindling.isobuild.ApplianceIso.Software;
import io.kindling.isobuild.ImageBuilder;
import io.kindling.isobuild.Mirror;
import io.kindling.tests.rack.Accelerator;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec;
import io.kindling.tests.rack.MachineSpec.Bus;
import io.kindling.tests.rack.MachineSpec.Drive;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.Medium;
import io.kindling.tests.rack.Network;
import io.kindling.tests.rack.Rack;
import io.kindling.tests.rack.RackEnvironment;
import io.kindling.tests.rack.Terminal;
import io.kindling.tests.rack.Waiting;
import io.kindling.tests.structure.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The appliance's ISO: written twice to the same bytes, and started by each firmware on a network
/// where nothing else is, until it answers machines.
@Tag("full")
final class ApplianceIsoTest {

  private static final Duration START = Duration.ofMinutes(15);
  private static final String ADDRESS = "10.20.0.1";
  private static final Pattern READY = Pattern.compile("kindling: console ready, ([0-9.]+) s");

  /// What leaves the rack's own network: neither to its addresses nor to all of its machines.
  private static final String OUTBOUND =
      "(ip and not dst net 10.20.0.0/24 and not dst host 255.255.255.255 and not ip multicast)"
          + " or (ip6 and not ip6 multicast) or udp port 53";

  private static final Terminal terminal = new Terminal(System.out);
  private static RackEnvironment environment;
  private static Path directory;
  private static Network network;
  private static Rack rack;
  private static ApplianceIso builder;
  private static Software software;
  private static Path image;
  private static int number;

  @BeforeAll
  static void theIsoIsWritten() throws IOException {
    environment = new RackEnvironment(Repository.root(), RackEnvironment.ofThisMachine().cache());
    // Beside the appliance, which has 10.20.0.1.
    network = new Network("kindling-iso", "10.20.0.250/24");
    Rack.down(environment.directory("test-iso"), network);
    directory = environment.emptied("test-iso");
    ImageBuilder images = environment.images(terminal);
    Mirror mirror = Mirror.in(environment.cache());
    if (mirror.status().isEmpty()) {
      mirror.sync(false, (step, steps, what) -> terminal.say("mirror: " + what));
    }
    builder = new ApplianceIso(environment.cache(), images, mirror);
    software =
        new Software(
            Path.of(System.getProperty("java.home")),
            Pattern.compile(":")
                .splitAsStream(System.getProperty("java.class.path"))
                .filter(entry -> entry.endsWith(".jar"))
                .map(Path::of)
                .toList(),
            "test");
    image = directory.resolve("kindling.iso");
    write(image);
    terminal.say(Files.readString(directory.resolve("kindling.iso.sizes")));
    network.up();
    rack = new Rack(directory, network, Accelerator.probe(images.bootstrap().kernel()));
    Runtime.getRuntime().addShutdownHook(new Thread(ApplianceIsoTest::down));
  }

  @AfterAll
  static void down() {
    if (rack != null) {
      rack.close();
    }
  }

  @AfterEach
  void machinesAreOff() {
    rack.machines().forEach(Machine::off);
  }

  @Test
  void twoBuildsAreTheSameBytesAndAtMostThreeGibibytes() throws IOException {
    Path again = Files.createDirectory(directory.resolve("again")).resolve("kindling.iso");
    write(again);
    assertThat(Files.mismatch(image, again)).isEqualTo(-1);
    assertThat(
            Files.mismatch(
                directory.resolve("kindling.iso.cdx.json"),
                again.resolveSibling("kindling.iso.cdx.json")))
        .isEqualTo(-1);
    assertThat(Files.size(image)).isLessThanOrEqualTo(3L << 30);
    Files.delete(again);
  }

  @ParameterizedTest
  @CsvSource({
    "BIOS, DISC",
    "BIOS, STICK",
    "UEFI, DISC",
    "UEFI, STICK",
    "UEFI_SECURE_BOOT, DISC",
  })
  void startsToAServingApplianceThatAsksNothingOfTheOutside(Firmware firmware, Medium.Kind medium)
      throws IOException {
    Machine machine = machine(firmware);
    machine.insert(new Medium(medium, image));
    Path packets = directory.resolve(machine.spec().name() + ".pcap");
    Process capture =
        new ProcessBuilder(
                network.in(
                    "tcpdump",
                    "-i",
                    Network.BRIDGE,
                    "-p",
                    "-U",
                    "-Z",
                    "root",
                    "-w",
                    packets.toString()))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("tcpdump.log").toFile())
            .start();
    try {
      Waiting.until("tcpdump", Duration.ofSeconds(20), () -> Files.exists(packets), () -> {});
      long begin = terminal.seconds();
      machine.on();
      Waiting.until(
          "console ready on the serial console",
          START,
          () -> READY.matcher(console(machine)).find(),
          machine::mustRun);
      long ready = terminal.seconds() - begin;
      Matcher told = READY.matcher(console(machine));
      assertThat(told.find()).isTrue();
      assertThat(get("/grub/grub.cfg")).contains("configfile");
      terminal.say(
          "%s from %s: console ready %d s after power-on, %s s after the kernel's start"
              .formatted(firmware, medium, ready, told.group(1)));
    } finally {
      capture.destroy();
      capture.onExit().join();
    }
    assertThat(console(machine)).contains("state     memory only").contains("DHCP      answering");
    assertThat(
            Commands.run("tcpdump", "-n", "-r", packets.toString(), OUTBOUND)
                .lines()
                .filter(line -> line.contains(" IP")))
        .isEmpty();
    // Or nothing was captured at all.
    assertThat(Commands.run("tcpdump", "-n", "-r", packets.toString(), "udp port 67")).isNotEmpty();
  }

  private static void write(Path target) {
    builder.write(
        software,
        target,
        (step, steps, what) -> terminal.say("ISO, step %d of %d: %s".formatted(step, steps, what)));
  }

  /// A machine with a stick that holds the first start's answers.
  private static Machine machine(Firmware firmware) throws IOException {
    number++;
    String mac = "52:54:00:00:01:0" + number;
    Machine machine =
        rack.add(
            new MachineSpec(
                "appliance-" + number,
                firmware,
                List.of(mac),
                2048,
                List.of(new Drive("ANSWERS", Bus.VIRTIO, 8)),
                null,
                null));
    Path answers = Files.createDirectories(directory.resolve("answers-" + number));
    Files.writeString(
        answers.resolve("kindling.answers"),
        "interface=" + mac + "\naddress=" + ADDRESS + "/24\nhostname=rack1\n");
    Commands.run(
        "mkfs.ext4",
        "-q",
        "-F",
        "-L",
        "KINDLING-CFG",
        "-d",
        answers.toString(),
        machine.drive(0).toString());
    return machine;
  }

  private static String get(String path) {
    return Commands.run(
        network
            .in("curl", "--silent", "--show-error", "--fail", "http://" + ADDRESS + path)
            .toArray(String[]::new));
  }

  private static String console(Machine machine) {
    try {
      return new String(Files.readAllBytes(machine.console()), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
