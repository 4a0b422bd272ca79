package io.kindling.tests.endtoend;

import io.kindling.tests.rack.MachineSpec.Firmware;
import java.util.List;
import org.junit.jupiter.api.Tag;

/// One UEFI machine, what `./kindling test` has the time for.
@Tag("rack")
final class BlankMachineTest extends BlankToCeph {
  BlankMachineTest() {
    super("blank", List.of(Firmware.UEFI));
  }
}
