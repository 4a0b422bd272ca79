package io.kindling.tests.bench;

import io.kindling.appliance.boot.BootTokens;
import io.kindling.appliance.boot.LiveBootDecisions;
import io.kindling.appliance.boot.StageBoard;
import io.kindling.appliance.http.Listeners;
import io.kindling.appliance.store.StoredLeases;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.JdbcEventStore;
import io.kindling.inventory.store.JdbcNodeStore;
import io.kindling.inventory.store.LeaseTable;
import io.kindling.pxe.BootDecisions;
import io.kindling.pxe.FileCatalogue;
import io.kindling.pxe.PxeConfig;
import io.kindling.pxe.PxeServer;
import io.kindling.pxe.dhcp.AddressRange;
import io.kindling.pxe.dhcp.DhcpConfig;
import io.kindling.pxe.dhcp.DhcpMode;
import io.kindling.pxe.dhcp.wire.Ipv4;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The appliance's network servers with its own durable leases, as a process of its own: `INTERFACE
/// ADDRESS FILES STATE`. Prints its metrics once a second.
public final class BenchServer {
  static final int HTTP_PORT = 8080;

  /// As many addresses as both servers lend.
  static final String POOL = "10.98.1.0-10.98.200.255";

  private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();

  private BenchServer() {}

  /// The appliance's own, of machines it does not know.
  private static BootDecisions decisions(Database database, Path state) throws IOException {
    Clock clock = Clock.systemUTC();
    return new LiveBootDecisions(
        new JdbcNodeStore(database, new FactsParser()),
        new JdbcEventStore(database, clock),
        BootTokens.open(state, clock, new SecureRandom()),
        new StageBoard(clock),
        (node, stage) -> Optional.empty(),
        "ssh-ed25519 AAAA bench",
        THREADS);
  }

  public static void main(String[] args) throws Exception {
    var address = Ipv4.parse(args[1]);
    Map<String, Path> files;
    try (Stream<Path> found = Files.list(Path.of(args[2]))) {
      files = found.collect(Collectors.toMap(path -> path.getFileName().toString(), path -> path));
    }
    Database database = ((Database.Opened) Database.open(Path.of(args[3]))).database();
    DhcpConfig dhcp =
        DhcpConfig.of(
                address,
                16,
                AddressRange.parse(POOL),
                URI.create("http://" + args[1] + ":" + HTTP_PORT))
            .withTimes(Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofHours(1))
            .withProbeWait(Duration.ZERO); // Kea 2.2 does not probe
    var config = PxeConfig.on(args[0], DhcpMode.SERVER, false, dhcp);
    var server =
        new PxeServer(
            args[0].equals("none")
                ? new PxeConfig(
                    Optional.empty(),
                    DhcpMode.OFF,
                    false,
                    dhcp,
                    config.tftp(),
                    config.dhcpPort(),
                    config.tftpPort())
                : config,
            decisions(database, Path.of(args[3])),
            new StoredLeases(new LeaseTable(database, THREADS)),
            new FileCatalogue(files, Map.of()),
            Clock.systemUTC());
    server.start();
    Listeners.open(
        "machines", new InetSocketAddress(address, HTTP_PORT), 1 << 20, server.bootHandler());
    System.out.println("ready");
    while (true) {
      Thread.sleep(1000); // a clock, not a wait for something
      System.out.println(server.metrics());
    }
  }
}
