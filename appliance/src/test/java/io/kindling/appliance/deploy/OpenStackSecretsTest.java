package io.kindling.appliance.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.testing.MemorySettings;
import io.kindling.postinstall.openstack.OpenStackModel;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OpenStackSecretsTest {
  private final MemorySettings settings = new MemorySettings();

  @Test
  void eachIsMadeOnceAndAllAreKnown() {
    List<String> names = OpenStackModel.secretNames();
    Map<String, String> first = new OpenStackSecrets(settings, new SecureRandom()).of(names);
    var again = new OpenStackSecrets(settings, new SecureRandom());
    assertThat(again.of(names)).isEqualTo(first);
    assertThat(first.values()).doesNotHaveDuplicates().hasSize(names.size());
    assertThat(first.get("admin")).matches("[0-9a-f]{48}");
    assertThat(Base64.getUrlDecoder().decode(first.get("key.fernet.1"))).hasSize(32);
    assertThat(again.all(Set.of("openstack.secret.admin", "openstack.secret.queue", "other")))
        .containsExactlyInAnyOrder(first.get("admin"), first.get("queue"));
  }

  @Test
  void aSecretThatIsMadeAnewIsAnotherAndStays() {
    var settings = new MemorySettings();
    var secrets = new OpenStackSecrets(settings, new SecureRandom());
    Map<String, String> first = secrets.of(List.of("service.glance", "admin"));
    secrets.renew("service.glance");
    Map<String, String> second =
        new OpenStackSecrets(settings, new SecureRandom()).of(List.of("service.glance", "admin"));
    assertThat(second.get("service.glance")).isNotEqualTo(first.get("service.glance"));
    assertThat(second.get("admin")).isEqualTo(first.get("admin"));
  }
}
