package io.kindling.appliance;

import io.kindling.appliance.config.KindlingConfig;
import io.kindling.appliance.testing.RunningAppliance;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;

/// An appliance as it is wired, and its doors opened for a test.
record OpenAppliance(Appliance appliance, RunningAppliance doors) implements AutoCloseable {

  static OpenAppliance on(Path state, Clock clock) {
    var appliance =
        new Appliance(
            KindlingConfig.parse(
                "kindling.yaml",
                "state: %s\nimages: {cache: %s}\nprovisioning: {interface: lo}\n"
                    .formatted(state, state.resolve("cache"))),
            clock,
            new SecureRandom());
    var doors =
        new RunningAppliance(
            state,
            appliance.operatorsHandler(),
            appliance.socketHandler(),
            appliance.machinesHandler());
    return new OpenAppliance(appliance, doors);
  }

  @Override
  public void close() {
    doors.close();
    appliance.close();
  }
}
