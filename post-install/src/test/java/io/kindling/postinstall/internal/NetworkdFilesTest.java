package io.kindling.postinstall.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.ksgen.kickstart.NetworkDevice.Address;
import io.kindling.ksgen.kickstart.NetworkDevice.Bond;
import io.kindling.ksgen.kickstart.NetworkDevice.Bridge;
import io.kindling.ksgen.kickstart.NetworkDevice.Mode;
import io.kindling.ksgen.kickstart.NetworkDevice.Nic;
import io.kindling.ksgen.kickstart.NetworkDevice.Vlan;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetworkdFilesTest {

  private final Map<String, String> files =
      NetworkdFiles.of(
          List.of(
              new Nic("nic0", "52:54:00:00:00:01", 9000, null),
              new Nic("nic1", "52:54:00:00:00:02", 9000, null),
              new Bond("bond0", List.of("nic0", "nic1"), Mode.LACP, 9000, null),
              new Vlan("vlan101", "bond0", 101, 9000, new Address("10.21.0.10/24", null)),
              new Vlan("vlan102", "bond0", 102, null, null),
              new Bridge("br-ex", List.of("vlan102"), null, new Address("192.0.2.9/24", null))));

  private String file(String name) {
    return files.get("/etc/systemd/network/" + name);
  }

  @Test
  void membersOfABondHaveNoAddressesOfTheirOwn() {
    for (String nic : List.of("nic0", "nic1")) {
      assertThat(file("10-" + nic + ".network"))
          .contains("PermanentMACAddress=52:54", "MTUBytes=9000", "Bond=bond0\n")
          .contains("LinkLocalAddressing=no", "RequiredForOnline=no");
    }
  }

  @Test
  void theBondIsMadeAndCarriesItsVlans() {
    assertThat(file("20-bond0.netdev"))
        .contains(
            "Kind=bond\nMTUBytes=9000\n\n[Bond]\nMode=802.3ad\nMIIMonitorSec=100ms\n"
                + "TransmitHashPolicy=layer3+4\n");
    assertThat(file("20-bond0.network")).contains("Name=bond0", "VLAN=vlan101\nVLAN=vlan102\n");
  }

  @Test
  void aBridgeStandsOverItsVlan() {
    assertThat(file("20-br-ex.netdev")).contains("Kind=bridge\n\n[Bridge]\nSTP=no\n");
    assertThat(file("20-vlan102.network")).contains("Bridge=br-ex\n", "LinkLocalAddressing=no");
    assertThat(file("20-br-ex.network")).contains("Address=192.0.2.9/24\n");
  }

  @Test
  void onlyTheFirstAddressIsWaitedFor() {
    assertThat(files.values().stream().filter(f -> f.contains("RequiredForOnline=yes")))
        .singleElement()
        .asString()
        .contains("Name=vlan101");
  }
}
