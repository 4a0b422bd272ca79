package io.kindling.tests.rack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
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
        "Makes the network and powers blank machines on. Run an appliance beside them with:",
        "  ip netns exec kindling-rack ./kindling serve --config FILE",
        "where FILE says  provisioning: { interface: rack0, address: 10.20.0.1/24 }"
      })
  public int up(
      @Option(
              names = "--firmware",
              split = ",",
              defaultValue = "BIOS,UEFI",
              description = "A machine for each (default: ${DEFAULT-VALUE}).")
          List<MachineSpec.Firmware> firmware) {
    return named(environment -> {
      var terminal = new Terminal(System.out);
      environment.installPrerequisites(terminal);
      String accelerator = Accelerator.probe(environment.images(terminal).bootstrap().kernel());
      NETWORK.up();
      var rack = new Rack(environment.directory("rack"), NETWORK, accelerator);
      for (int i = 0; i < firmware.size(); i++) {
        Machine machine = rack.add(RackMachines.storageNode(i + 1, firmware.get(i)));
        machine.on();
        terminal.say(
            "%s (%s) is on, console in %s"
                .formatted(machine.spec().name(), firmware.get(i), machine.console()));
      }
      return 0;
    });
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
      try (var machines = Files.list(directory)) {
        for (Path machine : machines.sorted().toList()) {
          System.out.printf(
              "%-14s %-4s %s%n",
              machine.getFileName(),
              Machine.isOn(machine) ? "on" : "off",
              machine.resolve("console.log"));
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
      NETWORK.down();
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
