package io.kindling.appliance.power;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.appliance.power.BmcAccess.Kind;
import io.kindling.appliance.power.BmcAccess.Privilege;
import io.kindling.appliance.power.Program.Ended;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What ipmitool 1.8.19 printed, run against OpenIPMI's ipmi_sim and a port where nobody listens.
class IpmitoolTest {
  /// What `-v` prints besides, also where all is well.
  private static final String NOISE =
      "Loading IANA PEN Registry...\n"
          + "Unable to Get Channel Cipher Suites\n"
          + "Get HPM.x Capabilities request failed, compcode = d4\n"
          + "Running Get VSO Capabilities my_addr 0x20, transit 0, target 0x20\n"
          + "Invalid completion code received: Insufficient privilege level\n"
          + "Discovered IPMB address 0x0\n";

  private static final String PXE =
      "Boot parameter version: 1\nBoot parameter 5 is valid/unlocked\n"
          + "Boot parameter data: 8004000000\n Boot Flags :\n   - Boot Flag Valid\n"
          + "   - Options apply to only next boot\n   - BIOS PC Compatible (legacy) boot \n"
          + "   - Boot Device Selector : Force PXE\n";

  private final List<List<String>> commands = new ArrayList<>();
  private final List<Map<String, String>> environments = new ArrayList<>();
  private final List<Ended> answers = new ArrayList<>();

  private Ended run(List<String> command, Map<String, String> environment, Duration limit) {
    commands.add(List.copyOf(command));
    environments.add(Map.copyOf(environment));
    return answers.removeFirst();
  }

  private static BmcAccess access(String address) {
    return new BmcAccess(
        Kind.IPMI, address, "admin", "s3 cret", null, Privilege.OPERATOR, null, null, null);
  }

  private Ipmitool bmc() {
    return new Ipmitool(access("10.0.0.9"), this::run);
  }

  @Test
  void thePasswordGoesByTheEnvironmentAndNeverAmongTheArguments() throws Exception {
    answers.add(new Ended(0, "Chassis Power is on\n", NOISE));
    assertThat(bmc().state()).isEqualTo(Bmc.State.ON);
    assertThat(commands.getFirst())
        .containsSubsequence("ipmitool", "-I", "lanplus", "-H", "10.0.0.9", "-p", "623")
        .containsSubsequence("-U", "admin", "-E", "-L", "OPERATOR")
        .containsSubsequence("chassis", "power", "status")
        .noneMatch(word -> word.contains("s3 cret"));
    assertThat(environments.getFirst()).containsEntry("IPMITOOL_PASSWORD", "s3 cret");
  }

  @Test
  void networkBootIsOfTheFirmwaresKindAndIsLookedAtAfterwards() throws Exception {
    answers.add(new Ended(0, "Set Boot Device to pxe\n", NOISE));
    answers.add(new Ended(0, PXE, NOISE));
    bmc().networkOnce(true);
    assertThat(commands.getFirst()).endsWith("chassis", "bootdev", "pxe", "options=efiboot");
    answers.add(new Ended(0, "Set Boot Device to pxe\n", NOISE));
    answers.add(new Ended(0, PXE.replace("Force PXE", "No override"), NOISE));
    assertThatThrownBy(() -> bmc().networkOnce(false))
        .isInstanceOfSatisfying(
            PowerException.class, e -> assertThat(e.error()).isEqualTo(PowerError.UNSUPPORTED));
  }

  @Test
  void aBmcThatKnowsSecondsOnlyIsLitForSeconds() throws Exception {
    answers.add(new Ended(1, "", "Chassis Identify failed: Invalid data field in request\n"));
    answers.add(new Ended(0, "Chassis identify interval: 255 seconds\n", ""));
    bmc().locate(true);
    assertThat(commands.getLast()).endsWith("identify", "255");
  }

  @Test
  void withoutIpmitoolThePackageIsNamed() {
    var bmc =
        new Ipmitool(
            access("bmc-1.example:9623"),
            (command, environment, limit) -> {
              throw new IOException("Cannot run program \"ipmitool\": error=2, No such file");
            });
    assertThatThrownBy(bmc::on)
        .isInstanceOfSatisfying(
            PowerException.class,
            e -> {
              assertThat(e.error()).isEqualTo(PowerError.NO_TOOL);
              assertThat(e.detail()).startsWith("bmc-1.example:9623");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CREDENTIALS | > RAKP 2 HMAC is invalid",
        "CREDENTIALS | RAKP 2 message indicates an error : unauthorized name",
        "UNREACHABLE | Get Auth Capabilities error",
        "UNREACHABLE | Address lookup for nowhere.example failed",
        "UNSUPPORTED | Error in open session response message : invalid authentication algorithm",
        "PRIVILEGE | Set Chassis Power Control to Up/On failed: Insufficient privilege level",
        "UNSUPPORTED | Set Chassis Power Control to Cycle failed: Invalid data field in request",
        "REFUSED | Set Chassis Power Control to Up/On failed: Node busy"
      })
  void eachFailureIsNamedWhateverIsPrintedBesides(PowerError error, String line) {
    String err = NOISE + line + "\n";
    if (!line.contains("failed:")) {
      err += "Error: Unable to establish IPMI v2 / RMCP+ session\n";
    }
    PowerException failure = IpmitoolOutput.failure(new Ended(1, "", err), "what");
    assertThat(failure.error()).isEqualTo(error);
    assertThat(failure.detail()).contains(line.replaceFirst("^> ", ""));
    assertThat(failure.passing())
        .isEqualTo(error == PowerError.UNREACHABLE || error == PowerError.REFUSED);
  }

  @Test
  void aProgramThatDoesNotEndIsABmcThatDoesNotAnswer() throws Exception {
    Ended ended = Program.start(List.of("sleep", "100"), Map.of(), Duration.ofMillis(50));
    assertThat(ended.status()).isEqualTo(-1);
    assertThat(IpmitoolOutput.failure(ended, "x").error()).isEqualTo(PowerError.UNREACHABLE);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.9, 10.0.0.9, 623",
    "10.0.0.9:9623, 10.0.0.9, 9623",
    "https://bmc-1.example/, bmc-1.example, 623",
    "[fe80::1]:443, fe80::1, 443",
    "[fe80::1], fe80::1, 623"
  })
  void addressesAreReadWithAndWithoutPort(String text, String host, int port) {
    assertThat(Endpoint.parse(text, Endpoint.IPMI)).contains(new Endpoint(host, port));
  }

  @ParameterizedTest
  @CsvSource({"-H", "a b", "10.0.0.9:0", "10.0.0.9:65536", "http://x", "x/y", "'$(id)'"})
  void whatIsNoAddressIsNone(String text) {
    assertThat(Endpoint.parse(text, Endpoint.IPMI)).isEmpty();
  }
}
