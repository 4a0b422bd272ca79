package io.kindling.postinstall.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.check.CheckReport.Row;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.openstack.Guests;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.LineSink;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshSession;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OpenStackCheckTest {

  private static final String KEY = "key-of-the-disks";

  private static Host host(int number) {
    return new Host(
        new UUID(0, number), 1, "n" + number, "10.0.0." + number, 22, "kindling", List.of());
  }

  private static OpenStackModel model(@Nullable Guests guests) {
    var secrets = new TreeMap<String, String>();
    OpenStackModel.secretNames().forEach(name -> secrets.put(name, "word-of-" + name));
    return new OpenStackModel(
        "rack1",
        List.of(host(1)),
        "10.0.0.9",
        new OpenStackModel.Tls("authority", "certificate", "key"),
        secrets,
        List.of("n2", "n3"),
        "key-of-the-images",
        null,
        null,
        List.of(),
        null,
        guests);
  }

  private static Guests guests() {
    return new Guests(
        Stream.of(2, 3)
            .map(n -> new Guests.Compute(host(n), "10.0.1." + n, "certificate", "key"))
            .toList(),
        "kvm",
        KEY,
        "authority");
  }

  @Test
  void whatThereIsToUseIsSaidWithoutSecrets() {
    assertThat(OpenStackCheck.plan(model(guests())))
        .contains("\"computes\":[\"n2\",\"n3\"]")
        // Without Cinder nobody on the controller may look into that pool.
        .contains("\"clones\":false")
        .doesNotContain("word-of", "key-of");
    assertThat(OpenStackCheck.plan(model(null))).contains("\"computes\":[]");
  }

  @Test
  void aComputeWithoutTheKeyIsFound() throws Exception {
    SshConnector connector =
        (address, port, user, keys) ->
            new SshConnector.Connected(
                new Says(address.equals("10.0.0.3") ? sha256("another") + "  -" : sha256(KEY)));
    CheckReport report = new OpenStackCheck(connector).run(model(guests()));
    List<Row> secrets =
        report.rows().stream().filter(row -> row.subject().startsWith("libvirt")).toList();
    assertThat(secrets).hasSize(2);
    assertThat(secrets.getFirst().finding()).isNull();
    Row wrong = secrets.getLast();
    assertThat(wrong.subject()).startsWith("libvirt of n3");
    assertThat(wrong.finding()).isNotNull();
    assertThat(wrong.finding().error()).isEqualTo("CHK-030");
    assertThat(wrong.toString()).doesNotContain(KEY);
    // It says nothing of services, and that is said.
    assertThat(report.findings()).anyMatch(row -> row.finding().error().equals("CHK-018"));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Says(String line) implements SshSession {
    @Override
    public ExitStatus run(Script script, LineSink out, Duration limit) {
      out.line(line);
      return new ExitStatus.Exited(0);
    }

    @Override
    public ExitStatus put(byte[] content, String path, String mode, Duration limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean alive() {
      return true;
    }

    @Override
    public void close() {
      // nothing is open
    }
  }
}
