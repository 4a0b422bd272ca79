package io.kindling.tests.rack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Machines and container hosts on one switch. Closing it cuts their power and removes the network.
///
/// Not thread-safe.
public final class Rack implements AutoCloseable {

  private final Path directory;
  private final Network network;
  private final String accelerator;
  private final List<Machine> machines = new ArrayList<>();
  private final List<ContainerHost> hosts = new ArrayList<>();

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

  public List<ContainerHost> hosts() {
    return List.copyOf(hosts);
  }

  /// Adds a container host with blank drives, powered off.
  ///
  /// @param image the unpacked node image, see [RackEnvironment#hostImage]
  public ContainerHost addHost(ContainerSpec spec, Path image) {
    var host = new ContainerHost(spec, directory.resolve(spec.name()), image, network);
    host.make();
    hosts.add(host);
    return host;
  }

  @Override
  public void close() {
    machines.forEach(Machine::off);
    down(directory, network);
  }

  /// Takes down whatever runs of a rack, also what a run that was killed has left: processes,
  /// namespaces, loop devices. Files stay.
  public static void down(Path directory, Network network) {
    network.down();
    LoopDisks.detachAll(directory);
  }
}
