package io.kindling.appliance.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.testing.MemorySettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedSettingsTest {
  private final MemorySettings store = new MemorySettings();
  private final SecureRandom random = new SecureRandom();

  @TempDir Path state;

  @Test
  void theStoreHoldsNothingThatCanBeReadWithoutTheKeysFile() throws Exception {
    var settings = with("secrets.key");
    settings.put("ceph.key.client.admin", "AQBtheAdminsKey==");
    assertThat(store.get("ceph.key.client.admin").orElseThrow())
        .startsWith("sealed:1:")
        .doesNotContain("AdminsKey");
    assertThat(with("secrets.key").get("ceph.key.client.admin")).contains("AQBtheAdminsKey==");
    assertThat(settings.get("unknown")).isEmpty();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(state.resolve("secrets.key"))))
        .isEqualTo("rw-------");
  }

  @Test
  void theSameValueIsNeverSealedTheSameWayTwice() throws Exception {
    var settings = with("secrets.key");
    settings.put("a", "value");
    String first = store.get("a").orElseThrow();
    settings.put("a", "value");
    assertThat(store.get("a").orElseThrow()).isNotEqualTo(first);
  }

  @Test
  void anotherKeyOrAnotherNameIsANamedFailure() throws Exception {
    with("secrets.key").put("a", "value");
    store.put("b", store.get("a").orElseThrow());
    store.put("c", "sealed:1:AA==");
    for (Settings settings : new Settings[] {with("secrets.key"), with("other.key")}) {
      for (String name : new String[] {"b", "c"}) {
        assertThatThrownBy(() -> settings.get(name))
            .isInstanceOfSatisfying(
                ApplianceException.class,
                e -> assertThat(e.error()).isEqualTo(ApplianceError.SEALED));
      }
    }
    var other = with("other.key");
    assertThatThrownBy(() -> other.get("a")).isInstanceOf(ApplianceException.class);
  }

  @Test
  void whatAnOlderVersionKeptInTheOpenIsSealedWhenItIsRead() throws Exception {
    store.put("ceph.fsid", "plain");
    assertThat(with("secrets.key").get("ceph.fsid")).contains("plain");
    assertThat(store.get("ceph.fsid").orElseThrow()).startsWith("sealed:1:");
  }

  private SealedSettings with(String file) throws Exception {
    return new SealedSettings(store, KeyFile.loadOrCreate(state.resolve(file), random), random);
  }
}
