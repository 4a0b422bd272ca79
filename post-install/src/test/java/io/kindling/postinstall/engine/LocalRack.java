package io.kindling.postinstall.engine;

import io.kindling.postinstall.ssh.LocalMachine;
import io.kindling.postinstall.ssh.SshConnector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/// Hosts that are folders of this machine: scripts run in its shell.
final class LocalRack implements SshConnector {

  private final Path directory;
  private final Map<String, LocalMachine> machines = new TreeMap<>();
  final List<Host> hosts = new ArrayList<>();

  LocalRack(Path directory, String... names) {
    this.directory = directory;
    for (String name : names) {
      machines.put(name, new LocalMachine(directory.resolve(name)));
      hosts.add(
          new Host(
              UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
              1,
              name,
              name,
              22,
              "root",
              List.of("ssh-ed25519 AAAA")));
    }
  }

  @Override
  public Connection connect(String address, int port, String user, List<String> hostKeys) {
    return machines.get(address).connect(address, port, user, hostKeys);
  }

  LocalMachine machine(String name) {
    return machines.get(name);
  }

  Host host(String name) {
    return hosts.stream().filter(h -> h.name().equals(name)).findFirst().orElseThrow();
  }

  List<String> names() {
    return hosts.stream().map(Host::name).toList();
  }

  /// A path of that host's own.
  String path(String host, String name) {
    return directory.resolve(host).resolve("files").resolve(name).toString();
  }
}
