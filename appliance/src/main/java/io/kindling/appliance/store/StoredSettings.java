package io.kindling.appliance.store;

import io.kindling.appliance.deploy.Settings;
import io.kindling.inventory.store.SettingsTable;
import java.util.Optional;

/// Settings in the inventory's table. Thread-safe.
public final class StoredSettings implements Settings {
  private final SettingsTable table;

  public StoredSettings(SettingsTable table) {
    this.table = table;
  }

  @Override
  public Optional<String> get(String key) {
    return table.get(key);
  }

  @Override
  public void put(String key, String value) {
    table.put(key, value);
  }
}
