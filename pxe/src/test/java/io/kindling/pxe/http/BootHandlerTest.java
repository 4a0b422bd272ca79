package io.kindling.pxe.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.FakeDecisions;
import io.kindling.pxe.FileCatalogue;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.Lease;
import io.kindling.pxe.MemoryLeaseStore;
import io.kindling.pxe.PxeConfig;
import io.kindling.pxe.PxeServer;
import io.kindling.pxe.TestClock;
import io.kindling.pxe.dhcp.AddressRange;
import io.kindling.pxe.dhcp.DhcpConfig;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.undertow.Undertow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootHandlerTest {
  private static final HardwareAddress MAC = new HardwareAddress("52:54:00:00:00:01");
  private static final String QUERY = "?mac=52:54:00:00:00:01";

  @TempDir Path folder;

  private final FakeDecisions decisions = new FakeDecisions();
  private final MemoryLeaseStore leases = new MemoryLeaseStore();
  private final byte[] kernel = new byte[3000];
  private final byte[] initrd = new byte[9_000_000];
  private HttpClient client = HttpClient.newHttpClient();
  private Undertow undertow;
  private URI base;

  @BeforeEach
  void start() throws IOException {
    client = HttpClient.newHttpClient();
    new Random(1).nextBytes(kernel);
    new Random(2).nextBytes(initrd);
    Files.write(folder.resolve("k"), kernel);
    Files.write(folder.resolve("i"), initrd);
    PxeServer server =
        new PxeServer(
            PxeConfig.on(
                "none",
                DhcpConfig.of(
                    Ipv4.parse("10.20.0.1"),
                    24,
                    AddressRange.parse("10.20.0.100-10.20.0.199"),
                    URI.create("http://10.20.0.1:8080"))),
            decisions,
            leases,
            new FileCatalogue(
                Map.of("vmlinuz", folder.resolve("k"), "initrd", folder.resolve("i")), Map.of()),
            new TestClock());
    undertow =
        Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(server.bootHandler()).build();
    undertow.start();
    int port = ((InetSocketAddress) undertow.getListenerInfo().getFirst().getAddress()).getPort();
    base = URI.create("http://127.0.0.1:" + port);
  }

  @AfterEach
  void stop() {
    client.close();
    undertow.stop();
  }

  private HttpResponse<byte[]> request(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private String text(String path) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = request("GET", path);
    assertThat(response.statusCode()).isEqualTo(200);
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  @Test
  void ipxeGetsKernelAndBothInitrds() throws Exception {
    String script = text("/boot/v1/ipxe" + QUERY);
    assertThat(script)
        .startsWith("#!ipxe\n")
        .contains(
            "kernel --name vmlinuz http://10.20.0.1:8080/boot/files/vmlinuz?mac=52:54:00:00:00:01"
                + " ${efi-initrds} kindling.url=http://10.20.0.1:8080"
                + " kindling.boot=52:54:00:00:00:01 console=ttyS0,115200n8 || goto failed\n")
        .contains("initrd --name initrd http://10.20.0.1:8080/boot/files/initrd?mac=")
        .contains("initrd --name token http://10.20.0.1:8080/boot/v1/token?mac=")
        .doesNotContain("s3cret");
    assertThat(decisions.reached)
        .contains(new FakeDecisions.Reached(MAC, BootStage.SCRIPT, "IPXE script: bootstrap image"));
  }

  @Test
  void grubThatCameByHttpFindsItsStartAtTheServersRoot() throws Exception {
    assertThat(text("/grub/grub.cfg")).contains("/boot/v1/grub?mac=");
    assertThat(request("GET", "/grub/x86_64-efi/command.lst").statusCode()).isEqualTo(404);
  }

  @Test
  void aLoaderThatDoesNotKnowItsAddressIsKnownByItsLease() throws Exception {
    leases.commit(List.of(new Lease(MAC, Ipv4.parse("127.0.0.1"), Instant.MAX, false)), List.of());
    stop();
    start();
    assertThat(text("/boot/v1/grub?mac=")).contains("mac=52:54:00:00:00:01");
    assertThat(text("/boot/v1/grub")).contains("mac=52:54:00:00:00:01");
    assertThat(request("GET", "/boot/v1/token").statusCode()).isEqualTo(400);
  }

  @Test
  void grubGetsTheSameInItsOwnWords() throws Exception {
    assertThat(text("/boot/v1/grub" + QUERY))
        .contains(
            "if linux \"(http,10.20.0.1:8080)/boot/files/vmlinuz?mac=52:54:00:00:00:01\""
                + " \"kindling.url=http://10.20.0.1:8080\" \"kindling.boot=52:54:00:00:00:01\""
                + " \"console=ttyS0,115200n8\"; then")
        .contains("\"(http,10.20.0.1:8080)/boot/v1/token?mac=52:54:00:00:00:01\"");
    assertThat(text("/boot/files/grub/grub.cfg"))
        .contains("configfile \"(http,10.20.0.1:8080)/boot/v1/grub?mac=${net_default_mac}\"");
  }

  @Test
  void aReleasesInstallerIsBootedFromItsTreeByBothLoaders() throws Exception {
    decisions.answers.put(
        MAC,
        new BootAnswer.Installer(
            "/releases/rocky-9.4/images/pxeboot/vmlinuz",
            "/releases/rocky-9.4/images/pxeboot/initrd.img",
            List.of("inst.ks={base}/agent/v1/kickstart/T0k", "BOOTIF=01-52-54-00-00-00-01")));
    assertThat(text("/boot/v1/ipxe" + QUERY))
        .startsWith("#!ipxe\n")
        .contains(
            "kernel --name vmlinuz http://10.20.0.1:8080/releases/rocky-9.4/images/pxeboot/vmlinuz"
                + " ${efi-initrds} inst.ks=http://10.20.0.1:8080/agent/v1/kickstart/T0k"
                + " BOOTIF=01-52-54-00-00-00-01 || goto failed\n")
        .contains(
            "initrd --name initrd"
                + " http://10.20.0.1:8080/releases/rocky-9.4/images/pxeboot/initrd.img ||");
    assertThat(text("/boot/v1/grub" + QUERY))
        .contains(
            "if linux \"(http,10.20.0.1:8080)/releases/rocky-9.4/images/pxeboot/vmlinuz\""
                + " \"inst.ks=http://10.20.0.1:8080/agent/v1/kickstart/T0k\"")
        .contains(
            "if initrd \"(http,10.20.0.1:8080)/releases/rocky-9.4/images/pxeboot/initrd.img\"");
    assertThat(request("GET", "/boot/v1/token" + QUERY).statusCode()).isEqualTo(404);
    decisions.answers.put(MAC, new BootAnswer.Installer("/x", "/y", List.of("inst.ks=\"; reboot")));
    assertThat(request("GET", "/boot/v1/grub" + QUERY).statusCode()).isEqualTo(500);
  }

  @Test
  void anInstalledMachineStartsItsOwnDisk() throws Exception {
    decisions.answers.put(MAC, new BootAnswer.OwnDisk(Optional.of("ABCD-EF01")));
    assertThat(text("/boot/v1/ipxe" + QUERY))
        .contains("sanboot --no-describe --drive 0x80 || exit");
    assertThat(text("/boot/v1/grub" + QUERY))
        .contains("search --no-floppy --fs-uuid --set=root \"ABCD-EF01\"")
        .contains("/EFI/debian/shimx64.efi /EFI/rocky/shimx64.efi")
        .endsWith("exit\n");
    decisions.answers.put(MAC, new BootAnswer.OwnDisk(Optional.empty()));
    assertThat(text("/boot/v1/grub" + QUERY)).doesNotContain("--fs-uuid").endsWith("exit\n");
  }

  @Test
  void aMachineLeftToItsFirmwareExits() throws Exception {
    decisions.answers.put(MAC, new BootAnswer.FirmwareNext("ready {{ 7*7 }}"));
    assertThat(text("/boot/v1/ipxe" + QUERY)).endsWith("exit\n");
    assertThat(text("/boot/v1/grub" + QUERY)).endsWith("exit\n");
  }

  @Test
  void aMachineToldNothingGetsAProblem() throws Exception {
    decisions.answers.put(MAC, new BootAnswer.Silence("quarantined"));
    HttpResponse<byte[]> response = request("GET", "/boot/v1/ipxe" + QUERY);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(new String(response.body(), StandardCharsets.UTF_8))
        .contains("\"id\":\"PXE-012\"")
        .contains("quarantined");
  }

  @Test
  void aValueThatALoaderWouldInterpretIsRefused() throws Exception {
    for (String bad :
        List.of("a b", "x;reboot", "${net0/mac}", "a\"b", "{{ 7*7 }}", "a\nb", "", "ä")) {
      decisions.answers.put(MAC, new BootAnswer.Bootstrap("t", "k", List.of(bad)));
      for (String path : List.of("/boot/v1/ipxe", "/boot/v1/grub")) {
        HttpResponse<byte[]> response = request("GET", path + QUERY);
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains("PXE-013");
      }
    }
  }

  @Test
  void anEspSerialThatIsNoneFailsTheScript() throws Exception {
    decisions.answers.put(MAC, new BootAnswer.OwnDisk(Optional.of("x\"; reboot")));
    assertThat(request("GET", "/boot/v1/grub" + QUERY).statusCode()).isEqualTo(500);
  }

  @Test
  void aRequestWithoutAHardwareAddressIsRefused() throws Exception {
    for (String path :
        List.of(
            "/boot/v1/ipxe",
            "/boot/v1/grub?mac=",
            "/boot/v1/token?mac=52:54",
            "/boot/v1/grub?mac=" + "%24%28reboot%29",
            "/boot/v1/ipxe?mac=52:54:00:00:00:01&mac=52:54:00:00:00:02")) {
      HttpResponse<byte[]> response = request("GET", path);
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(response.headers().firstValue("Content-Type"))
          .contains("application/problem+json");
      assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains("PXE-010");
    }
  }

  @Test
  void theTokenComesAsAnArchiveForTheKernel() throws Exception {
    HttpResponse<byte[]> response = request("GET", "/boot/v1/token" + QUERY);
    assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
    String archive = new String(response.body(), StandardCharsets.ISO_8859_1);
    assertThat(archive).startsWith("070701").contains("s3cret\n").contains("TRAILER!!!");
    assertThat(response.body().length % 4).isZero();
    decisions.answers.put(MAC, new BootAnswer.OwnDisk(Optional.empty()));
    assertThat(request("GET", "/boot/v1/token" + QUERY).statusCode()).isEqualTo(404);
  }

  @Test
  void filesComeWholeFromMemoryAndFromDisk() throws Exception {
    HttpResponse<byte[]> response = request("GET", "/boot/files/vmlinuz" + QUERY);
    assertThat(response.body()).isEqualTo(kernel);
    assertThat(decisions.reached)
        .contains(new FakeDecisions.Reached(MAC, BootStage.KERNEL, "GET vmlinuz"));
    response = request("GET", "/boot/files/initrd");
    assertThat(Arrays.equals(response.body(), initrd)).isTrue();
    assertThat(response.headers().firstValue("Content-Length")).contains("9000000");
  }

  @Test
  void headTellsTheLengthOnly() throws Exception {
    HttpResponse<byte[]> response = request("HEAD", "/boot/files/initrd");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Length")).contains("9000000");
    assertThat(response.body()).isEmpty();
  }

  @Test
  void aPartOfAFileIsSentWhereAskedFor() throws Exception {
    for (String name : List.of("vmlinuz", "initrd")) {
      byte[] whole = name.equals("vmlinuz") ? kernel : initrd;
      HttpResponse<byte[]> response = request("GET", "/boot/files/" + name, "Range", "bytes=1000-");
      assertThat(response.statusCode()).isEqualTo(206);
      assertThat(response.headers().firstValue("Content-Range"))
          .contains("bytes 1000-" + (whole.length - 1) + "/" + whole.length);
      assertThat(
              Arrays.equals(response.body(), 0, response.body().length, whole, 1000, whole.length))
          .isTrue();
      response = request("GET", "/boot/files/" + name, "Range", "bytes=5-9");
      assertThat(response.body()).isEqualTo(Arrays.copyOfRange(whole, 5, 10));
      response = request("GET", "/boot/files/" + name, "Range", "bytes=-7");
      assertThat(response.body())
          .isEqualTo(Arrays.copyOfRange(whole, whole.length - 7, whole.length));
      response = request("GET", "/boot/files/" + name, "Range", "bytes=" + whole.length + "-");
      assertThat(response.statusCode()).isEqualTo(416);
    }
  }

  @Test
  void whatIsNotInTheCatalogueIsNotFound() throws Exception {
    for (String path :
        List.of(
            "/boot/files/i",
            "/boot/files/..%2f..%2fetc%2fpasswd",
            "/boot/files/",
            "/boot/v2/ipxe",
            "/boot/")) {
      assertThat(request("GET", path).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void nothingCanBeWritten() throws Exception {
    HttpResponse<byte[]> response = request("POST", "/boot/v1/ipxe" + QUERY);
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD");
  }
}
