package io.kindling.appliance.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.config.Listen;
import io.kindling.appliance.http.Listeners;
import io.kindling.pxe.TestClock;
import io.undertow.Undertow;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OperatorTlsTest {
  @TempDir Path state;
  private final TestClock clock = new TestClock();

  private static Listen listen(Listen.Tls tls, String... names) {
    return new Listen(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Optional.of(tls),
        List.of(names),
        80);
  }

  private OperatorTls own(String... names) {
    var own = new Listen.OwnAuthority();
    return OperatorTls.open(own, listen(own, names), state, clock, new SecureRandom());
  }

  private static void get(OperatorTls tls, Path authority) throws Exception {
    Undertow server =
        Listeners.open(
            "test",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            tls.context(),
            1000,
            exchange -> exchange.getResponseSender().send(exchange.getRequestScheme()));
    try (HttpClient client = HttpClient.newBuilder().sslContext(trusting(authority)).build()) {
      assertThat(
              client
                  .send(
                      HttpRequest.newBuilder(
                              URI.create("https://127.0.0.1:" + Listeners.port(server) + "/"))
                          .build(),
                      BodyHandlers.ofString())
                  .body())
          .isEqualTo("https");
    } finally {
      server.stop();
    }
  }

  private static SSLContext trusting(Path authority) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("authority", Pem.certificates(authority).getFirst());
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  @Test
  void aClientThatTrustsTheAuthorityIsServedAndNobodyElseReadsTheKeys() throws Exception {
    clock.advance(Duration.between(clock.instant(), java.time.Instant.now()));
    OperatorTls tls = own("kindling.example");
    Path folder = state.resolve(OperatorTls.FOLDER);
    get(tls, folder.resolve("ca.pem"));
    for (String key : List.of("ca.key", "server.key")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(key))))
          .isEqualTo("rw-------");
    }
    assertThat(tls.fingerprint()).matches("([0-9A-F]{2}:){31}[0-9A-F]{2}");
    var other = Files.createDirectory(state.resolve("other"));
    new Authority(other, clock, new SecureRandom()).identity("server", java.util.Set.of("x"));
    assertThatThrownBy(() -> get(tls, other.resolve("ca.pem")))
        .isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void theCertificateStaysUntilItsNamesChangeOrItsEndIsNearAndTheAuthorityStaysLonger()
      throws Exception {
    String first = own().fingerprint();
    byte[] authority = Files.readAllBytes(state.resolve("tls/ca.pem"));
    assertThat(own().fingerprint()).isEqualTo(first);
    String named = own("rack").fingerprint();
    assertThat(named).isNotEqualTo(first);
    clock.advance(Duration.ofDays(800));
    String later = own("rack").fingerprint();
    assertThat(later).isNotEqualTo(named);
    assertThat(Files.readAllBytes(state.resolve("tls/ca.pem"))).isEqualTo(authority);
    clock.advance(Duration.ofDays(2500));
    own("rack");
    assertThat(Files.readAllBytes(state.resolve("tls/ca.pem"))).isNotEqualTo(authority);
  }

  @Test
  void theOperatorsFilesAreUsedAndABadOneIsNamed() throws Exception {
    clock.advance(Duration.between(clock.instant(), java.time.Instant.now()));
    own();
    Path folder = state.resolve("tls");
    Path certificate = folder.resolve("server.pem");
    Path key = folder.resolve("server.key");
    get(files(certificate, key), folder.resolve("ca.pem"));
    assertThat(complaint(certificate, folder.resolve("ca.key"))).contains("ca.key", "not the cert");
    assertThat(complaint(key, key)).contains("server.key", "no certificate");
    assertThat(complaint(certificate, certificate)).contains("server.pem", "no key");
    assertThat(complaint(folder.resolve("none"), key)).contains("none");
    Path broken = folder.resolve("broken");
    Files.writeString(broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assertThat(complaint(broken, key)).contains("broken");
  }

  private OperatorTls files(Path certificate, Path key) {
    var files = new Listen.Files(certificate, key);
    return OperatorTls.open(files, listen(files), state, clock, new SecureRandom());
  }

  private String complaint(Path certificate, Path key) {
    var e =
        org.assertj.core.api.Assertions.catchThrowableOfType(
            ApplianceException.class, () -> files(certificate, key));
    assertThat(e.error().id()).isEqualTo("APP-032");
    return e.detail();
  }
}
