package io.kindling.tests.rack;

import io.kindling.isobuild.ImageBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `rack`: the virtual machines alone, for an appliance of one's own.
@Command(
    name = "rack",
    mixinStandardHelpOptions = true,
    description = "The virtual rack alone: machines on a private network, without an appliance.")
public final class RackCommand implements Callable<Integer> {

  private static final Network NETWORK = new Network("kindling-rack", "10.20.0.1/24");

  @Override
  public Integer call() {
    System.err.println("kindling rack up, status or down; see kindling rack --help");
    return 2;
  }

  /// Makes the network and powers blank machines on.
  @Command(
      name = "up",
      mixinStandardHelpOptions = true,
      description = {
        "Makes the network and powers blank machines on: emulated ones that boot over the network,",
        "or container hosts that have their system already. Run an appliance beside them with:",
        "  ip netns exec kindling-rack ./kindling serve --config FILE",
        "where FILE says  provisioning: { interface: rack0, address: 10.20.0.1/24 }"
      })
  public int up(
      @Option(
              names = "--firmware",
              split = ",",
              description = "An emulated machine for each (default: BIOS,UEFI).")
          @Nullable List<MachineSpec.Firmware> firmware,
      @Option(
              names = "--containers",
              paramLabel = "N",
              description = {
                "So many container hosts, and no emulated machine unless --firmware names some:",
                "Debian 13 with two OSD drives and a journal drive, SSH as kindling@10.20.0.11 …"
              })
          @Nullable Integer containers,
      @Option(
              names = "--authorize",
              paramLabel = "FILE",
              description = {
                "Public key that may log in to the container hosts, as the appliance's",
                "STATE/id_ed25519.pub."
              })
          @Nullable Path authorize) {
    return named(environment -> {
      var terminal = new Terminal(System.out);
      environment.installPrerequisites(terminal);
      ImageBuilder images = environment.images(terminal);
      List<MachineSpec.Firmware> emulated =
          firmware != null
              ? firmware
              : containers != null
                  ? List.of()
                  : List.of(MachineSpec.Firmware.BIOS, MachineSpec.Firmware.UEFI);
      String accelerator =
          emulated.isEmpty()
              ? Accelerator.EMULATION
              : Accelerator.probe(images.bootstrap().kernel());
      int hosts = containers == null ? 0 : containers;
      Path image = hosts == 0 ? environment.cache() : environment.hostImage(images);
      String key = authorize == null ? null : read(authorize);
      if (NETWORK.exists()) {
        throw new RackException(RackError.BUSY, NETWORK.namespace());
      }
      // What a rack that was killed has left would stand in the way of the new one's files.
      Rack.down(environment.directory("rack"), NETWORK);
      Path directory = environment.emptied("rack");
      NETWORK.up();
      var rack = new Rack(directory, NETWORK, accelerator);
      for (int i = 0; i < emulated.size(); i++) {
        Machine machine = rack.add(RackMachines.storageNode(i + 1, emulated.get(i)));
        machine.on();
        terminal.say(
            "%s (%s) is on, console in %s"
                .formatted(machine.spec().name(), emulated.get(i), machine.console()));
      }
      for (int number = 1; number <= hosts; number++) {
        ContainerHost host = rack.addHost(ContainerSpec.storageHost(number, key), image);
        host.on();
        terminal.say(
            "%s (container host, %s) is on, console in %s"
                .formatted(
                    host.spec().name(),
                    host.spec().address(ContainerSpec.MANAGEMENT),
                    host.console()));
      }
      return 0;
    });
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new RackException(RackError.UNREADABLE, file + ": " + e.getMessage());
    }
  }

  /// Lists the machines.
  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Lists the machines and whether they are on.")
  public int status() {
    return named(environment -> {
      if (!NETWORK.exists()) {
        System.out.println("the rack is down");
        return 0;
      }
      Path directory = environment.directory("rack");
      List<String> hosts = NETWORK.hosts();
      try (var machines = Files.list(directory)) {
        for (Path machine : machines.sorted().toList()) {
          String name = machine.getFileName().toString();
          boolean on = hosts.contains(name) ? NETWORK.runs(name) : Machine.isOn(machine);
          System.out.printf(
              "%-14s %-4s %s%n", name, on ? "on" : "off", machine.resolve("console.log"));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return 0;
    });
  }

  /// Cuts the power and removes the network; the drives' files stay.
  @Command(
      name = "down",
      mixinStandardHelpOptions = true,
      description = "Cuts the machines' power and removes the network; the drives' files stay.")
  public int down() {
    return named(environment -> {
      Rack.down(environment.directory("rack"), NETWORK);
      return 0;
    });
  }

  private static int named(Function<RackEnvironment, Integer> work) {
    try {
      return work.apply(RackEnvironment.ofThisMachine());
    } catch (RackException e) {
      System.err.println("kindling: " + e.getMessage());
      return 1;
    }
  }
}
