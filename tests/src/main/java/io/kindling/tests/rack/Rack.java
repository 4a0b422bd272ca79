package io.kindling.tests.rack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Machines on one switch. Closing it cuts their power and removes the network.
///
/// Not thread-safe.
public final class Rack implements AutoCloseable {

  private final Path directory;
  private final Network network;
  private final String accelerator;
  private final List<Machine> machines = new ArrayList<>();

  /// @param directory drives, consoles and logs, a folder per machine
  public Rack(Path directory, Network network, String accelerator) {
    this.directory = directory;
    this.network = network;
    this.accelerator = accelerator;
  }

  public Network network() {
    return network;
  }

  public List<Machine> machines() {
    return List.copyOf(machines);
  }

  /// Adds a machine with blank drives, powered off.
  public Machine add(MachineSpec spec) {
    var machine =
        new Machine(spec, machines.size(), directory.resolve(spec.name()), network, accelerator);
    machine.blank();
    machines.add(machine);
    return machine;
  }

  @Override
  public void close() {
    machines.forEach(Machine::off);
    network.down();
  }
}
