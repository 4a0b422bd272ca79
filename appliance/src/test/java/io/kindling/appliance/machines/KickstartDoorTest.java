package io.kindling.appliance.machines;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.boot.BootTokens.Attempt;
import io.kindling.appliance.http.Listeners;
import io.kindling.appliance.release.Isos;
import io.kindling.appliance.testing.Bench;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.postinstall.InstallerReport;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import io.undertow.Undertow;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node of the RHEL family from its boot answer to its report, over HTTP.
@Timeout(60)
class KickstartDoorTest {
  private static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJz1f0Jp3kW0eXn4Uo0cZBv1yR4w3W0pT6h6s1Fv2x9Q";

  @TempDir Path state;
  private final HttpClient client = HttpClient.newHttpClient();
  private Bench bench;
  private Undertow server;
  private int port;

  @BeforeEach
  void open() throws Exception {
    Isos.tree(state.resolve("releases/rocky-9.4"), "Rocky Linux", "9.4", "x86_64");
    bench = new Bench(state);
    server =
        Listeners.open(
            "test",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            MachineDoor.BODY_LIMIT,
            bench.machineDoor(state, node -> {}).handler());
    port = Listeners.port(server);
    bench.report(1);
    var cluster =
        bench.keep(
            """
            release: rocky-9
            kickstart: { packages: [tmux], kernel: [mitigations=auto], timezone: Europe/Berlin }
            nodes:
              - { match: { mac: "%s" }, name: node-1, roles: [base] }
            """
                .formatted(bench.node(1).bootMac()));
    assertThat(bench.assigner.apply(cluster, false).getFirst().outcome()).isEqualTo("assigned");
    bench.put(1, NodeState.PROVISIONING);
  }

  @AfterEach
  void close() {
    server.stop();
    bench.close();
  }

  private HttpResponse<String> send(String method, String path, String body, @Nullable String token)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private void begin() {
    Node node = bench.node(1);
    bench.hooks.installerNext(bench.plans.of(bench.clusters.require(), node));
  }

  private String token() {
    return bench.tokens.issue(new Attempt(bench.node(1).id(), 1));
  }

  private BootAnswer answer(BootStage stage) {
    return bench.decisions.answer(bench.address(1), stage);
  }

  @Test
  void atItsInstallersTaskTheNodeBootsItsReleaseAndFetchesItsKickstart() throws Exception {
    assertThat(answer(BootStage.SCRIPT)).isInstanceOf(BootAnswer.Bootstrap.class);
    assertThat(send("GET", "/agent/v1/kickstart/" + token(), "", null).statusCode()).isEqualTo(404);
    begin();
    BootAnswer.Installer boot = (BootAnswer.Installer) answer(BootStage.SCRIPT);
    assertThat(boot.kernel()).isEqualTo("/releases/rocky-9.4/images/pxeboot/vmlinuz");
    assertThat(boot.kernelArguments())
        .contains(
            "inst.repo={base}/releases/rocky-9.4",
            "inst.ks={base}/agent/v1/kickstart/" + token(),
            "BOOTIF=01-" + Objects.requireNonNull(bench.node(1).bootMac()).replace(':', '-'));
    for (String path : List.of(boot.kernel(), boot.initrd())) {
      assertThat(send("GET", path, "", null).statusCode()).isEqualTo(200);
    }
    HttpResponse<String> kickstart = send("GET", "/agent/v1/kickstart/" + token(), "", null);
    assertThat(kickstart.statusCode()).isEqualTo(200);
    assertThat(kickstart.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(kickstart.body())
        .contains(
            "\nurl --url=http://10.20.0.1:8000/releases/rocky-9.4\n",
            "\ntimezone Europe/Berlin --utc\n",
            "\ntmux\n%end\n",
            "console=ttyS0,115200n8 mitigations=auto",
            "AGENT='http://10.20.0.1:8000/agent/v1'\nTOKEN='" + token() + "'\n",
            "\nnetwork --hostname=node-1\n");
  }

  @Test
  void filesOfATreeAreServedWithRangesAndNothingOutsideIt() throws Exception {
    byte[] file = Files.readAllBytes(state.resolve("releases/rocky-9.4/images/install.img"));
    var part =
        client.send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://127.0.0.1:" + port + "/releases/rocky-9.4/images/install.img"))
                .header("Range", "bytes=1000-1999")
                .build(),
            BodyHandlers.ofByteArray());
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(java.util.Arrays.copyOfRange(file, 1000, 2000));
    assertThat(send("GET", "/releases/rocky-9.4/.treeinfo", "", null).statusCode()).isEqualTo(200);
    for (String none :
        List.of(
            "/releases/rocky-9.4/images/",
            "/releases/rocky-9.4/",
            "/releases/",
            "/releases/rocky-9.5/.treeinfo",
            "/releases/rocky-9.4/../../boot-token.key",
            "/releases/rocky-9.4/..%2f..%2fboot-token.key",
            "/releases/.partial/x")) {
      assertThat(send("GET", none, "", null).statusCode()).as(none).isIn(403, 404);
    }
    assertThat(send("PUT", "/releases/rocky-9.4/x", "x", null).statusCode()).isEqualTo(404);
  }

  @Test
  void itsReportMakesTheNodeBootItsOwnDiskAndEndsTheTokensTime() throws Exception {
    begin();
    assertThat(send("PUT", "/agent/v1/logs/kindling-pre", "log", token()).statusCode())
        .isEqualTo(204);
    assertThat(send("POST", "/agent/v1/installer/installed", "no key", token()).statusCode())
        .isEqualTo(400);
    assertThat(send("POST", "/agent/v1/installer/installed", KEY + "\n", token()).statusCode())
        .isEqualTo(204);
    assertThat(answer(BootStage.SCRIPT)).isInstanceOf(BootAnswer.OwnDisk.class);
    assertThat(bench.hooks.installerReport(bench.plans.of(bench.clusters.require(), bench.node(1))))
        .contains(new InstallerReport.Installed(KEY));
    for (String path : List.of("/agent/v1/installer/failed", "/agent/v1/installer/installed")) {
      assertThat(send("POST", path, KEY, token()).statusCode()).isEqualTo(401);
    }
    assertThat(send("GET", "/agent/v1/kickstart/" + token(), "", null).statusCode()).isEqualTo(401);
  }

  @Test
  void theFirstReasonIsKeptAlsoOverARestartOfTheAppliance() throws Exception {
    begin();
    send("POST", "/agent/v1/installer/failed", "KSG-163 \u001b[31mdisk\nsdb", token());
    send("POST", "/agent/v1/installer/failed", "later", token());
    var again = new io.kindling.appliance.deploy.InstallerBoard(bench.settings);
    assertThat(again.of(bench.node(1).id(), 1).orElseThrow().report())
        .contains(new InstallerReport.Failed("KSG-163 [31mdisk sdb"));
    assertThat(answer(BootStage.SCRIPT)).isInstanceOf(BootAnswer.Bootstrap.class);
  }

  @Test
  void aMachineThatRestartsInTheInstallerIsNotInstalledAgainAndAgain() throws Exception {
    begin();
    assertThat(answer(BootStage.SCRIPT)).isInstanceOf(BootAnswer.Installer.class);
    assertThat(answer(BootStage.SCRIPT)).isInstanceOf(BootAnswer.Installer.class);
    send("GET", "/agent/v1/kickstart/" + token(), "", null);
    assertThat(answer(BootStage.SCRIPT)).isInstanceOf(BootAnswer.Bootstrap.class);
    assertThat(bench.installers.of(bench.node(1).id(), 1).orElseThrow().report())
        .contains(
            new InstallerReport.Failed("the machine restarted in the installer without a report"));
  }

  @Test
  void noOtherTokenIsGoodForAnything() throws Exception {
    begin();
    for (String token :
        List.of(
            bench.tokens.issue(new Attempt(bench.node(1).id(), 2)),
            bench.tokens.issue(new Attempt(java.util.UUID.randomUUID(), 1)),
            bench.tokens.issue(bench.address(1)),
            token().substring(1),
            "x")) {
      assertThat(send("GET", "/agent/v1/kickstart/" + token, "", null).statusCode()).isEqualTo(401);
      assertThat(send("POST", "/agent/v1/installer/failed", "x", token).statusCode())
          .isEqualTo(401);
    }
    assertThat(send("POST", "/agent/v1/report", "{}", token()).statusCode()).isNotEqualTo(200);
  }
}
