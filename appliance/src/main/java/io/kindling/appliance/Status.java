package io.kindling.appliance;

import io.kindling.appliance.boot.StageBoard;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.machines.BuiltImages;
import io.kindling.inventory.NodeStore;
import io.kindling.pxe.PxeMetrics;
import io.kindling.pxe.PxeServer;
import io.kindling.pxe.dhcp.ForeignServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The appliance's own state, for `kindling status`. Thread-safe.
final class Status {
  private final String version;
  private final Clock clock;
  private final Instant since;
  private final NodeStore nodes;
  private final StageBoard stages;
  private final Deployer deployer;
  private final BuiltImages images;
  private final PxeServer pxe;
  private volatile long startMillis;

  Status(
      String version,
      Clock clock,
      NodeStore nodes,
      StageBoard stages,
      Deployer deployer,
      BuiltImages images,
      PxeServer pxe) {
    this.version = version;
    this.clock = clock;
    this.since = clock.instant();
    this.nodes = nodes;
    this.stages = stages;
    this.deployer = deployer;
    this.images = images;
    this.pxe = pxe;
  }

  void started(long millis) {
    startMillis = millis;
  }

  /// @param startMillis from the process's begin to ready
  /// @param memory the process's memory
  /// @param nodes state → how many
  /// @param boots stage → machines whose boot came so far
  /// @param stalledBoots machines whose boot stopped, and what did not come
  /// @param missingImages kinds not built yet
  /// @param dhcp how it takes part in DHCP, and who else does
  record View(
      String version,
      Instant since,
      long uptimeSeconds,
      long startMillis,
      Memory memory,
      Map<String, Integer> nodes,
      Map<String, Integer> boots,
      List<String> stalledBoots,
      int installing,
      List<String> missingImages,
      Dhcp dhcp,
      PxeMetrics network) {}

  /// @param mode server, proxy or off
  /// @param silence why nobody is answered, empty where machines are
  /// @param otherServers DHCP servers heard of late, the site's own among them
  record Dhcp(String mode, String silence, List<String> otherServers) {}

  /// @param residentBytes 0 where the kernel does not tell
  record Memory(long residentBytes) {}

  View now() {
    Map<String, Integer> states = new TreeMap<>();
    nodes.all().forEach(n -> states.merge(n.state().label(), 1, Integer::sum));
    Map<String, Integer> boots = new TreeMap<>();
    stages.all().forEach(b -> boots.merge(b.last().stage().label(), 1, Integer::sum));
    return new View(
        version,
        since,
        Duration.between(since, clock.instant()).toSeconds(),
        startMillis,
        new Memory(residentKib() << 10),
        states,
        boots,
        stages.stalled().stream().map(s -> s.boot().mac() + ": " + s.missing()).toList(),
        deployer.running(),
        images.missing(),
        new Dhcp(
            pxe.mode().name().toLowerCase(Locale.ROOT),
            pxe.silence().orElse(""),
            pxe.foreignServers().stream().map(ForeignServer::text).toList()),
        pxe.metrics());
  }

  private static long residentKib() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException notTold) {
      // a kernel without /proc
    }
    return 0;
  }
}
