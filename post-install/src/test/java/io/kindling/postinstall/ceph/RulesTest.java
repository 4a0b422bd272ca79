package io.kindling.postinstall.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The rules that turn a rack into numbers.
class RulesTest {

  private static final Map<String, Double> OPENSTACK = new LinkedHashMap<>();

  static {
    OPENSTACK.put("volumes", 53.0);
    OPENSTACK.put("backups", 25.0);
    OPENSTACK.put("vms", 15.0);
    OPENSTACK.put("images", 7.0);
  }

  /// The examples for three copies were computed with Ceph's own calculator.
  @ParameterizedTest
  @CsvSource({
    "3, 3, 64, 32, 16, 8",
    "12, 3, 256, 128, 64, 32",
    "1, 1, 64, 32, 16, 8",
    "100, 3, 2048, 1024, 512, 256"
  })
  void placementGroupsAreThoseOfTheCalculator(
      int osds, int copies, int volumes, int backups, int vms, int images) {
    assertThat(PgNumbers.of(OPENSTACK, osds, copies))
        .containsExactly(
            Map.entry("volumes", volumes),
            Map.entry("backups", backups),
            Map.entry("vms", vms),
            Map.entry("images", images));
  }

  @Test
  void noOsdGetsMorePlacementGroupsThanTheLimit() {
    var many = new LinkedHashMap<String, Double>();
    for (int i = 0; i < 20; i++) {
      many.put("pool-" + i, 30.0);
    }
    for (int osds = 1; osds < 40; osds++) {
      var numbers = PgNumbers.of(many, osds, Math.min(3, osds));
      double sum = numbers.values().stream().mapToInt(n -> n).sum();
      assertThat(sum * Math.min(3, osds) / osds).isLessThanOrEqualTo(PgNumbers.MOST_PER_OSD);
      assertThat(numbers.values()).allMatch(n -> Integer.bitCount(n) == 1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // wanted, hosts, OSDs on each → size, min_size, domain, warnings
    "3, 3, 2, 3, 2, HOST, 0",
    "3, 5, 1, 3, 2, HOST, 0",
    "3, 2, 2, 2, 1, HOST, 2",
    "3, 1, 3, 3, 2, OSD, 1",
    "3, 1, 2, 2, 1, OSD, 3",
    "3, 1, 1, 1, 1, OSD, 3",
    "2, 3, 1, 2, 1, HOST, 1",
    "1, 1, 4, 1, 1, HOST, 1"
  })
  void copiesAreKeptApartAsFarAsTheRackAllows(
      int wanted,
      int hosts,
      int osds,
      int size,
      int minSize,
      Redundancy.Domain domain,
      int warned) {
    Redundancy redundancy = Redundancy.of(wanted, Collections.nCopies(hosts, osds));
    assertThat(redundancy.size()).isEqualTo(size);
    assertThat(redundancy.minSize()).isEqualTo(minSize);
    assertThat(redundancy.domain()).isEqualTo(domain);
    assertThat(redundancy.warnings()).hasSize(warned);
  }

  @Test
  void aKeyHasTheLayoutOfCephsOwn() {
    Instant now = Instant.parse("2026-11-23T20:00:00.5Z");
    String key = CephKeys.generate(new SecureRandom(), now);
    assertThat(key).hasSize(40);
    var bytes =
        java.nio.ByteBuffer.wrap(Base64.getDecoder().decode(key))
            .order(java.nio.ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes.getShort()).isEqualTo((short) 1);
    assertThat(bytes.getInt()).isEqualTo((int) now.getEpochSecond());
    assertThat(bytes.getInt()).isEqualTo(500_000_000);
    assertThat(bytes.getShort()).isEqualTo((short) 16);
    assertThat(bytes.remaining()).isEqualTo(16);
    assertThat(CephKeys.generate(new SecureRandom(), now)).isNotEqualTo(key);
  }

  @Test
  void theScriptsOfNodesPassShellcheck() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/shellcheck")), "shellcheck is not installed");
    Path resources = Path.of("src/main/resources/io/kindling/postinstall");
    for (String name :
        List.of(
            "ceph/osd.sh",
            "ceph/mon-present.sh",
            "ceph/answers.sh",
            "ceph/nics.sh",
            "ceph/s3-user.sh",
            "check/node-check.sh",
            "check/host-notes.sh",
            "openstack/volume-service-up.sh",
            "openstack/yes.sh",
            "engine/items.sh")) {
      Process check =
          new ProcessBuilder("shellcheck", "-s", "sh", resources.resolve(name).toString())
              .redirectErrorStream(true)
              .start();
      assertThat(new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .as(name)
          .isEmpty();
    }
    assertThat(Files.readString(resources.resolve("ceph/kindling-osd@.service")))
        .contains("ExecStart=" + CephFiles.OSD + " start %i");
  }
}
