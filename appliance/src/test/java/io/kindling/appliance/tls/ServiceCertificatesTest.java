package io.kindling.appliance.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.Security;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a plan renders into files: whatever changes here restarts a service.
class ServiceCertificatesTest {
  private static final Set<String> NAMES = Set.of("10.20.0.9");

  @TempDir Path state;

  private ServiceCertificates.Issued issued(Clock clock, Set<String> names) {
    return new ServiceCertificates(state, clock, new SecureRandom()).of("api", names);
  }

  @Test
  void whatWasIssuedOnceIsGivenByteForByte() {
    var first = issued(Clock.systemUTC(), NAMES);
    var again = issued(Clock.systemUTC(), NAMES);
    assertThat(again).isEqualTo(first);
  }

  /// The SSH client brings its own provider when it is used first.
  @Test
  void alsoWhenOthersOfferTheKeysAlgorithmMeanwhile() {
    var first = issued(Clock.systemUTC(), NAMES);
    var other = new BouncyCastleProvider();
    Security.addProvider(other);
    try {
      assertThat(issued(Clock.systemUTC(), NAMES)).isEqualTo(first);
    } finally {
      Security.removeProvider(other.getName());
    }
  }

  @Test
  void computesToo() {
    var first =
        ServiceCertificates.ofComputes(state, Clock.systemUTC(), new SecureRandom())
            .of("node", NAMES);
    var again =
        ServiceCertificates.ofComputes(state, Clock.systemUTC(), new SecureRandom())
            .of("node", NAMES);
    assertThat(again).isEqualTo(first);
  }

  @Test
  void anotherNameOrANearEndTakesANewOne() {
    var first = issued(Clock.systemUTC(), NAMES);
    assertThat(issued(Clock.systemUTC(), Set.of("10.20.0.10"))).isNotEqualTo(first);
    var second = issued(Clock.systemUTC(), NAMES);
    var late = Clock.offset(Clock.systemUTC(), Duration.ofDays(800));
    assertThat(issued(late, NAMES).certificate()).isNotEqualTo(second.certificate());
    assertThat(issued(late, NAMES).authority()).isEqualTo(first.authority());
  }
}
