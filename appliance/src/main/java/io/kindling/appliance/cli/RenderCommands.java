package io.kindling.appliance.cli;

import io.kindling.appliance.cli.OfflineCommands.Offline;
import io.kindling.inventory.facts.Facts;
import io.kindling.ksgen.PartitionScript;
import io.kindling.ksgen.kickstart.Kickstart;
import io.kindling.ksgen.kickstart.KickstartRequest;
import io.kindling.ksgen.kickstart.KickstartRequest.Locale;
import io.kindling.ksgen.kickstart.KickstartRequest.Repository;
import io.kindling.ksgen.kickstart.Release;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `render …`: exactly what a machine would be given, from its discovery document alone.
final class RenderCommands {

  private RenderCommands() {}

  @Command(
      name = "partition-script",
      description = "Prints the script that partitions the machine's disks.",
      mixinStandardHelpOptions = true)
  static final class PartitionScriptOf extends Offline {
    PartitionScriptOf(Context context) {
      super(context);
    }

    @Override
    String print(Laid laid) {
      return PartitionScript.render(laid.plan());
    }
  }

  @Command(
      name = "kickstart",
      description = "Prints the kickstart that the release's installer would be given.",
      mixinStandardHelpOptions = true)
  static final class KickstartOf extends Offline {

    /// Stands where the appliance puts the attempt's token.
    private static final String NO_TOKEN = "no-token";

    @Option(
        names = "--release",
        required = true,
        paramLabel = "RELEASE",
        description = "rocky-9, rocky-10, alma-9, alma-10, centos-stream-9, centos-stream-10.")
    private String release = "";

    @Option(
        names = "--network",
        required = true,
        paramLabel = "DEVICE",
        description = {
          "A network device, repeatable, members before what is made of them:",
          "  NAME=MAC  BOND=lacp:A+B  BOND=active-backup:A+B  VLAN=ID@PARENT  BRIDGE=bridge:A+B",
          "each with ,address=10.20.0.10/24 ,gateway=10.20.0.1 ,mtu=9000 where wanted."
        })
    private List<String> network = List.of();

    @Option(
        names = "--appliance",
        paramLabel = "URL",
        defaultValue = "http://10.20.0.1",
        description = "The machines' listener (default: ${DEFAULT-VALUE}).")
    private String appliance = "";

    @Option(
        names = "--hostname",
        paramLabel = "NAME",
        defaultValue = "node-1",
        description = "Its name (default: ${DEFAULT-VALUE}).")
    private String hostname = "";

    @Option(
        names = "--key",
        required = true,
        paramLabel = "LINE",
        description = "The OpenSSH public key of the user `kindling`.")
    private String key = "";

    @Option(
        names = "--ntp",
        split = ",",
        paramLabel = "SERVER",
        description = "Its time sources (default: the appliance).")
    private List<String> ntp = List.of();

    @Option(names = "--dns", split = ",", paramLabel = "ADDRESS", description = "Its name servers.")
    private List<String> dns = List.of();

    @Option(
        names = "--package",
        paramLabel = "NAME",
        description = "A package besides the minimal environment; repeatable.")
    private List<String> packages = List.of();

    @Option(
        names = "--kernel",
        paramLabel = "ARGUMENT",
        description = "An argument of the installed system's kernel; repeatable.")
    private List<String> kernel = List.of();

    KickstartOf(Context context) {
      super(context);
    }

    @Override
    String print(Laid laid) {
      Release wanted =
          Release.of(release)
              .orElseThrow(
                  () -> wrong("there is no release `" + release + "`; known: " + Release.labels()));
      Facts.Firmware firmware = laid.facts().agent().firmware();
      return Kickstart.render(
          new KickstartRequest(
              wanted,
              laid.plan(),
              firmware,
              new KickstartRequest.Appliance(
                  appliance + "/releases/" + wanted.label(),
                  List.of(
                      new Repository("BaseOS", "BaseOS"), new Repository("AppStream", "AppStream")),
                  appliance + "/agent/v1",
                  NO_TOKEN),
              new KickstartRequest.Host(
                  hostname,
                  null,
                  dns,
                  ntp.isEmpty() ? List.of(host(appliance)) : ntp,
                  "kindling",
                  key,
                  Locale.STANDARD,
                  kernel,
                  packages),
              network.stream().map(text -> DeviceOption.parse(text, this::wrong)).toList()));
    }

    private static String host(String url) {
      return url.replaceFirst("^https?://", "").replaceFirst("[:/].*$", "");
    }
  }
}
