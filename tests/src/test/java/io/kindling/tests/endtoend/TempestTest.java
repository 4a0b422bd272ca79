package io.kindling.tests.endtoend;

import static io.kindling.tests.endtoend.ContainerCluster.output;
import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.NodeShell;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The community's own tests of an OpenStack, those that `tempest.list` names, against a cloud that
/// Kindling has built: one controller and two computes. Each that fails is in `tempest-known.list`
/// with the reason, and no other. Guests are emulated.
@Tag("full")
final class TempestTest {

  private static final String VIP = "10.20.0.5";
  private static final String OPENSTACK = "sudo openstack --os-cloud kindling ";
  private static final Duration LIMIT = Duration.ofHours(2);

  /// `{0} NAME [12.3s] ... ok`, as Tempest tells of each.
  private static final Pattern RESULT =
      Pattern.compile(
          "(?m)^\\{\\d+} (\\S+(?: \\([^)]*\\))?) (?:\\[[0-9.]+s] )?\\.\\.\\."
              + " (ok|FAILED|SKIPPED.*)$");

  private ContainerCluster cluster;
  private Scenario scenario;
  private NodeShell host;

  @BeforeEach
  void start() throws Exception {
    cluster = ContainerCluster.startForCloud("tempest");
    scenario = cluster.scenario;
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void whatTheCommunityExpectsOfACloudItDoes() throws IOException {
    cluster.joined(1, List.of(6 << 10, 7 << 10));
    cluster.joined(2, List.of());
    cluster.applyCloud(
        "{ match: { name: host-1 }, roles: [controller, compute, ceph-osd] }",
        "{ match: { name: host-2 }, roles: [compute] }");
    cluster.deployed("host-1", "host-2");
    host = scenario.shell("host-1");
    output(
        host.within(Duration.ofMinutes(15)),
        "sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends"
            + " tempest");
    String conf = settings();

    output(host, "tempest init /tmp/tempest && mkdir -p /tmp/tempest/lock");
    write("/tmp/tempest/etc/tempest.conf", conf);
    write("/tmp/tempest/include.list", resource("tempest.list"));
    long begin = scenario.terminal.seconds();
    Commands.Result ran =
        host.within(LIMIT)
            .run(
                "cd /tmp/tempest && timeout %d tempest run --config-file etc/tempest.conf --concurrency 1 --include-list include.list 2>&1 | tee run.log"
                    .formatted(LIMIT.toSeconds() - 60));
    Files.writeString(scenario.directory.resolve("tempest.log"), ran.output());
    scenario.terminal.say("tempest: " + (scenario.terminal.seconds() - begin) + " s");

    Map<String, String> results = new TreeMap<>();
    RESULT.matcher(ran.output()).results().forEach(r -> results.put(r.group(1), r.group(2)));
    results.forEach((name, result) -> scenario.terminal.say(result + " " + name));
    assertThat(results).as(ran.output()).hasSizeGreaterThan(70);
    List<String> known =
        resource("tempest-known.list")
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .toList();
    assertThat(results.entrySet())
        .filteredOn(each -> each.getValue().equals("FAILED"))
        .extracting(each -> each.getKey().replaceFirst("\\[.*", ""))
        .containsExactlyInAnyOrderElementsOf(known);
  }

  private String settings() throws IOException {
    output(host, "sudo /usr/local/lib/kindling/guest-image guest.raw");
    String flavor = OPENSTACK + "flavor create -f value -c id --disk 1 --vcpus 1 ";
    String image =
        OPENSTACK
            + "image create -f value -c id --public --container-format bare --disk-format raw"
            + " --file guest.raw ";
    return resource("tempest.conf")
        .replace("@VIP@", VIP)
        .replace("@IMAGE@", output(host, image + "one"))
        .replace("@IMAGE2@", output(host, image + "two"))
        .replace("@FLAVOR@", output(host, flavor + "--ram 192 small"))
        .replace("@FLAVOR2@", output(host, flavor + "--ram 224 less-small"))
        .replace(
            "@EXTENSIONS@",
            output(host, OPENSTACK + "extension list --network -f value -c Alias | paste -sd,"))
        .replace(
            "@PASSWORD@",
            output(host, "sudo sed -n 's/^ *password: //p' /etc/openstack/clouds.yaml"));
  }

  private void write(String path, String content) {
    output(host, "cat >%s <<'END-OF-FILE'%n%s%nEND-OF-FILE".formatted(path, content));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = TempestTest.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
