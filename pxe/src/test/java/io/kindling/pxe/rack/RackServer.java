package io.kindling.pxe.rack;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootDecisions;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.FakeDecisions;
import io.kindling.pxe.FileCatalogue;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.MemoryLeaseStore;
import io.kindling.pxe.PxeConfig;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeServer;
import io.kindling.pxe.dhcp.AddressRange;
import io.kindling.pxe.dhcp.DhcpConfig;
import io.kindling.pxe.dhcp.DhcpMode;
import io.kindling.pxe.dhcp.Subnet;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.undertow.Undertow;
import java.net.Inet4Address;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The server as a process of its own, to be run in a network namespace: `INTERFACE ADDRESS FOLDER
/// ANSWER [MODE [RELAY=POOL]…]`. Answers: `bootstrap`, `own-disk[=SERIAL]`, `next`. Modes: those of
/// DhcpMode, and `BESIDE` others. Networks behind a relay have 24 bits. Ends with its standard
/// input.
public final class RackServer {
  private RackServer() {}

  public static void main(String[] args) throws Exception {
    Inet4Address address = Ipv4.parse(args[1]);
    DhcpConfig dhcp =
        DhcpConfig.of(
                address,
                24,
                AddressRange.parse(
                    args[1].replaceAll("[0-9]+$", "100-") + args[1].replaceAll("[0-9]+$", "109")),
                URI.create("http://" + args[1] + ":8080"))
            .withNames(
                Optional.empty(), List.of(address), List.of(address), Optional.of("rack.example"))
            .withTimes(Duration.ofSeconds(16), Duration.ofMinutes(1), Duration.ofHours(1));
    boolean beside = args.length > 4 && args[4].equals("BESIDE");
    DhcpMode mode = args.length > 4 && !beside ? DhcpMode.valueOf(args[4]) : DhcpMode.SERVER;
    dhcp =
        dhcp.withNetworks(
            dhcp.local(),
            Arrays.stream(args)
                .skip(5)
                .map(network -> network.split("="))
                .map(network ->
                    Subnet.of(Ipv4.parse(network[0]), 24, List.of(AddressRange.parse(network[1])))
                        .withNames(
                            Optional.of(Ipv4.parse(network[0])),
                            List.of(address),
                            List.of(),
                            Optional.empty()))
                .toList());
    BootAnswer answer =
        switch (args[3].split("=")[0]) {
          case "own-disk" ->
              new BootAnswer.OwnDisk(
                  args[3].contains("=") ? Optional.of(args[3].split("=")[1]) : Optional.empty());
          case "next" -> new BootAnswer.FirmwareNext("test");
          default -> FakeDecisions.BOOTSTRAP;
        };
    Map<String, Path> files;
    try (Stream<Path> found = Files.list(Path.of(args[2]))) {
      files = found.collect(Collectors.toMap(path -> path.getFileName().toString(), path -> path));
    }
    PxeServer server =
        new PxeServer(
            PxeConfig.on(args[0], mode, beside, dhcp),
            new BootDecisions() {
              @Override
              public BootAnswer answer(HardwareAddress mac, BootStage stage) {
                return answer;
              }

              @Override
              public Optional<Inet4Address> fixedAddress(HardwareAddress mac) {
                return Optional.empty();
              }

              @Override
              public void reached(HardwareAddress mac, BootStage stage, String detail) {
                System.out.println("reached " + mac + " " + stage.label() + " " + detail);
              }

              @Override
              public void leased(HardwareAddress mac, String detail) {
                System.out.println("leased " + mac + " dhcp " + detail);
              }

              @Override
              public void noticed(PxeError notice, String detail) {
                System.out.println("noticed " + notice.line(detail));
              }
            },
            new MemoryLeaseStore(),
            new FileCatalogue(files, Map.of()),
            Clock.systemUTC());
    server.start();
    Undertow http =
        Undertow.builder().addHttpListener(8080, args[1]).setHandler(server.bootHandler()).build();
    http.start();
    System.out.println("ready");
    while (System.in.read() >= 0) {
      System.out.println(server.metrics());
    }
    http.stop();
    server.close();
  }
}
