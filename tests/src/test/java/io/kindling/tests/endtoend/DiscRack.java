package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.isobuild.ImageBuilder;
import io.kindling.isobuild.Mirror;
import io.kindling.tests.rack.Accelerator;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec;
import io.kindling.tests.rack.MachineSpec.Bus;
import io.kindling.tests.rack.MachineSpec.Drive;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.Network;
import io.kindling.tests.rack.Outside;
import io.kindling.tests.rack.Rack;
import io.kindling.tests.rack.RackEnvironment;
import io.kindling.tests.rack.Terminal;
import io.kindling.tests.structure.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A rack with nothing in it but machines that start from the appliance's ISO and those that they
/// serve; beside the rack's switch one for the operators' network.
final class DiscRack implements AutoCloseable {

  /// Networks that packets may be for.
  private static final List<String> INSIDE =
      List.of("10.20.0.0/24", "10.21.0.0/24", "10.22.0.0/24", "10.30.0.0/24");

  /// Nobody is there: whatever is sent to it as a router or name server was to leave the rack.
  static final String NOBODY = "10.20.0.250";

  private static final Duration BUILD = Duration.ofMinutes(60);
  private static final String OFFICE = "office";
  private static final String OFFICE_ADDRESS = "10.30.0.1/24";

  final Terminal terminal = new Terminal(System.out);
  final Path directory;
  final Path image;
  final Network network;
  final Outside outside;
  private final Path cache;
  private final Rack rack;
  private final Path key;

  /// Writes the ISO and makes the switches.
  ///
  /// @param name of the rack
  DiscRack(String name) throws IOException {
    var environment =
        new RackEnvironment(Repository.root(), RackEnvironment.ofThisMachine().cache());
    // Beside the appliance, which has 10.20.0.1.
    network = new Network("kindling-" + name, NOBODY + "/24");
    Rack.down(environment.directory("test-" + name), network);
    directory = environment.emptied("test-" + name);
    ImageBuilder images = environment.images(terminal);
    Mirror mirror = Mirror.in(environment.cache());
    if (mirror.status().isEmpty()) {
      mirror.sync(false, (step, steps, what) -> terminal.say("mirror: " + what));
    }
    cache = environment.cache();
    image = directory.resolve("kindling.iso");
    Commands.Result written = iso(cache, image, List.of());
    assertThat(written.ok()).as(written.output()).isTrue();
    terminal.plain(Files.readString(directory.resolve("kindling.iso.sizes")));
    key = directory.resolve("id_ed25519");
    Commands.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "operator", "-f", "" + key);
    network.up();
    run("ip", "link", "add", OFFICE, "type", "bridge", "forward_delay", "0", "stp_state", "0");
    run("ip", "addr", "add", OFFICE_ADDRESS, "dev", OFFICE);
    run("ip", "link", "set", OFFICE, "up");
    outside = new Outside(network, directory);
    rack = new Rack(directory, network, Accelerator.probe(images.bootstrap().kernel()));
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  /// `kindling iso`, as the launcher starts it, of what goes into the ISO.
  ///
  /// @param cache of images
  /// @param wrapper a command that it runs under, none where empty
  static Commands.Result iso(Path cache, Path target, List<String> wrapper) throws IOException {
    var command = new ArrayList<>(wrapper);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            Files.readString(Repository.root().resolve("tests/target/iso-classpath.txt")).strip(),
            "io.kindling.appliance.cli.Kindling",
            "iso",
            "--cache",
            cache.toString(),
            "--output",
            target.toString()));
    return Commands.attempt(BUILD, command);
  }

  /// The images' cache.
  Path cache() {
    return cache;
  }

  /// Runs the command on the rack's network and returns what it printed.
  String run(String... command) {
    return Commands.run(network.in(command).toArray(String[]::new));
  }

  List<Machine> machines() {
    return rack.machines();
  }

  Machine add(MachineSpec spec) {
    return rack.add(spec);
  }

  /// Counts from zero what the machines that are there send beyond the rack.
  void count() {
    var ports = new ArrayList<String>();
    for (int i = 0; i < machines().size(); i++) {
      int machine = i;
      IntStream.range(0, machines().get(i).spec().macs().size())
          .forEach(nic -> ports.add("m" + machine + "n" + nic));
    }
    outside.count(ports, INSIDE);
  }

  /// An appliance, off, with a stick that holds the first start's answers.
  ///
  /// @param officed whether it has a NIC in the operators' network
  /// @param drives of its own, beside the stick
  DiscAppliance appliance(Firmware firmware, boolean officed, Drive... drives) throws IOException {
    int number = machines().size();
    String mac = "52:54:00:00:01:0" + number;
    String second = "52:54:00:00:02:0" + number;
    Machine machine =
        rack.add(
            new MachineSpec(
                "appliance-" + number,
                firmware,
                officed ? List.of(mac, second) : List.of(mac),
                2048,
                Stream.concat(Stream.of(new Drive("ANSWERS", Bus.VIRTIO, 8)), Stream.of(drives))
                    .toList(),
                null,
                null));
    var answers =
        new StringBuilder(
            """
            # The operator's
            interface=%s
            address=%s/24
            router=%s
            dns=%s
            hostname=rack1
            ssh-key=%s
            """
                .formatted(
                    mac,
                    DiscAppliance.ADDRESS,
                    NOBODY,
                    NOBODY,
                    Files.readString(Path.of(key + ".pub")).strip()));
    if (officed) {
      answers.append(
          """
          management=%s
          management-address=10.30.0.2/24
          management-gateway=10.30.0.1
          management-dns=10.30.0.1
          """
              .formatted(second));
    }
    Path stick = Files.createDirectories(directory.resolve("answers-" + number));
    Files.writeString(stick.resolve("kindling.answers"), answers);
    Commands.run(
        "mkfs.ext4",
        "-q",
        "-F",
        "-L",
        "KINDLING-CFG",
        "-d",
        stick.toString(),
        machine.drive(0).toString());
    return new DiscAppliance(this, machine, officed ? "10.30.0.2" : DiscAppliance.ADDRESS, key);
  }

  /// Switches it on, its second NIC at the operators' switch.
  void on(Machine machine) {
    machine.on();
    if (machine.spec().macs().size() > 1) {
      run("ip", "link", "set", "m" + machines().indexOf(machine) + "n1", "master", OFFICE);
    }
  }

  @Override
  public void close() {
    try {
      rack.close();
    } catch (UncheckedIOException gone) {
      // Closed twice: by the test, and where its process ends.
    }
  }
}
