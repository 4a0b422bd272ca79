package io.kindling.appliance.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.deploy.CephSecrets;
import io.kindling.appliance.testing.Bench;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {

  private static final String PEM =
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nAAAEbm9uZQAAAAAAAAAB\n"
          + "-----END OPENSSH PRIVATE KEY-----\n";

  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench(folder);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void noSecretIsInTheBundleWhereverItStood() throws Exception {
    var known = new CephSecrets(bench.settings, bench.clock, new SecureRandom());
    List<String> secrets =
        new ArrayList<>(known.keys(Set.of("mon.", "client.admin", "client.glance")).values());
    secrets.add("no-cephx-key-but-known-1");
    bench.events.append(null, "phase-failed", null, "the key " + secrets.get(0) + " was refused");
    Path log = Files.createDirectories(folder.resolve("log/nodes")).resolve("one.log");
    Files.writeString(
        log, "fine\nkey = " + secrets.get(1) + "\n" + PEM + "said " + secrets.get(3) + "\n");
    String unknownKey = "AQDd9yZpAAAAABAAmZlEUzM4kQ7w5f0Yxw9bXg==";
    String notes =
        "ok: [client.x] key = " + unknownKey + " \"secret_key\": \"s3s3s3\", password=hunter22 end";

    byte[] bundle = bundle(secrets, notes);

    String text = new String(bundle, StandardCharsets.ISO_8859_1);
    secrets.addAll(List.of(unknownKey, "s3s3s3", "hunter22", "b3BlbnNzaC1rZXktdjEAAAAA"));
    for (String secret : secrets) {
      assertThat(text).doesNotContain(secret);
    }
    assertThat(text)
        .contains("the key [secret] was refused", "fine\nkey = [secret]", "said [secret]")
        .contains("ok: [client.x]", " end");
  }

  @Test
  void theBundleIsWhatTarUnpacks() throws Exception {
    Path log = Files.createDirectories(folder.resolve("log/nodes")).resolve("one.log");
    Files.writeString(log, "x".repeat(Snapshot.MOST_OF_A_LOG) + "the end");
    Path tar = Files.write(folder.resolve("bundle.tar"), bundle(List.of(), "notes of one\n"));
    Path to = Files.createDirectory(folder.resolve("unpacked"));
    Process process =
        new ProcessBuilder("tar", "-xf", tar.toString(), "-C", to.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).isEmpty();
    assertThat(to.resolve("hosts/one.txt")).hasContent("notes of one\n");
    assertThat(to.resolve("cluster.yaml")).hasContent("name: rack1\n");
    assertThat(Files.readString(to.resolve("log/nodes/one.log")))
        .hasSize(Snapshot.MOST_OF_A_LOG)
        .endsWith("the end");
    assertThat(to.resolve("status.json")).exists();
    assertThat(to.resolve("events.txt")).exists();
  }

  private byte[] bundle(List<String> secrets, String notes) throws Exception {
    var out = new ByteArrayOutputStream();
    new Snapshot(
            folder.resolve("log"),
            bench.clock,
            bench.nodes,
            bench.events,
            bench.views::of,
            Map::of,
            () -> "name: rack1\n",
            () -> Map.of("one", notes),
            secrets::stream)
        .write(out);
    return out.toByteArray();
  }
}
