package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Machine;
import io.kindling.tests.rack.MachineSpec.Firmware;
import io.kindling.tests.rack.Medium;
import io.kindling.tests.rack.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The appliance's ISO: built twice to the same bytes, and started by each firmware on a network
/// where nothing else is, until it answers machines and an operator has come in by what its screen
/// shows.
@Tag("full")
final class ApplianceIsoTest {

  private static final Duration SCREEN = Duration.ofMinutes(10);
  private static final Pattern LINK = Pattern.compile("https://[0-9.]+:8443/welcome[?]link=\\S+");

  /// In two lines.
  private static final Pattern SHOWN_FINGERPRINT =
      Pattern.compile("([0-9A-F]{2}:){16}\\s+([0-9A-F]{2}:){15}[0-9A-F]{2}");

  private static DiscRack rack;

  @BeforeAll
  static void theIsoIsWritten() throws IOException {
    rack = new DiscRack("iso");
  }

  @AfterAll
  static void down() {
    if (rack != null) {
      rack.close();
    }
  }

  @AfterEach
  void machinesAreOff() {
    rack.machines().forEach(Machine::off);
  }

  /// The system is built anew; the images for machines, the packages and what the JVM has learned
  /// are inputs. The clock is the real one, later than before: a preloaded other one talks into
  /// what packages' scripts read.
  @Test
  void anotherBuildElsewhereIsTheSameBytesAndAtMostThreeGibibytes() throws IOException {
    Path elsewhere = Files.createDirectories(rack.directory.resolve("elsewhere/cache"));
    try (Stream<Path> entries = Files.list(rack.cache())) {
      for (Path entry : entries.filter(ApplianceIsoTest::isInput).toList()) {
        Commands.run("cp", "-a", entry.toString(), elsewhere.toString());
      }
    }
    Path again = elsewhere.resolveSibling("other.iso");
    Commands.Result written =
        DiscRack.iso(
            elsewhere,
            again,
            List.of(
                "env",
                "LC_ALL=C",
                "LANG=C",
                "TZ=Pacific/Auckland",
                "HOME=/nonexistent",
                "taskset",
                "--cpu-list",
                "0",
                "sh",
                "-c",
                "umask 0077; exec \"$@\"",
                "sh"));
    assertThat(written.ok()).as(written.output()).isTrue();
    assertThat(written.output()).contains("system [");
    assertThat(Files.mismatch(rack.image, again)).isEqualTo(-1);
    assertThat(Files.size(rack.image)).isLessThanOrEqualTo(3L << 30);
    Files.delete(again);
  }

  private static boolean isInput(Path entry) {
    String name = entry.getFileName().toString();
    return List.of("aot", "mirror").contains(name)
        || name.matches("(bootstrap|loaders|node)-[0-9a-f]+");
  }

  /// With and without a NIC in the operators' network.
  @ParameterizedTest
  @CsvSource({
    "BIOS, DISC, true",
    "BIOS, STICK, false",
    "UEFI, DISC, false",
    "UEFI, STICK, true",
    "UEFI_SECURE_BOOT, DISC, true",
  })
  void startsToAServingApplianceThatAsksNothingOfTheOutside(
      Firmware firmware, Medium.Kind medium, boolean officed) throws IOException {
    DiscAppliance appliance = rack.appliance(firmware, officed);
    appliance.machine().insert(new Medium(medium, rack.image));
    rack.count();
    long begin = rack.terminal.seconds();
    rack.on(appliance.machine());
    String ofKernel = appliance.ready();
    rack.terminal.say(
        "%s from %s: console ready %d s after power-on, %s s after the kernel's start"
            .formatted(firmware, medium, rack.terminal.seconds() - begin, ofKernel));
    assertThat(rack.run("curl", "-sSf", "http://" + DiscAppliance.ADDRESS + "/grub/grub.cfg"))
        .contains("configfile");
    appliance.shows("state     memory only");
    appliance.shows("DHCP      answering");

    theScreenShowsHowToComeIn(appliance, firmware + "-" + medium);
    // Machines are in the provisioning network: there it is closed to them.
    int seen =
        appliance
            .browser("--connect-timeout", "30", "https://" + DiscAppliance.ADDRESS + ":8443/login")
            .status();
    assertThat(seen).isEqualTo(officed ? 0 : 200);
    assertThat(appliance.run("systemd-analyze security kindling.service --no-pager | tail -n 1"))
        .containsPattern("kindling.service: [012][.][0-9] ");

    assertThat(rack.outside.packets())
        .containsEntry("names", 0L)
        .containsEntry("clocks", 0L)
        .containsEntry("other", 0L);
    assertThat(rack.outside.packets().get("sent")).isPositive();
  }

  /// An administrator comes in by the link on the screen, once.
  private static void theScreenShowsHowToComeIn(DiscAppliance appliance, String name)
      throws IOException {
    Waiting.until(
        "the one-time link and the fingerprint",
        SCREEN,
        () ->
            LINK.matcher(appliance.page()).find()
                && SHOWN_FINGERPRINT.matcher(appliance.page()).find(),
        appliance.machine()::mustRun);
    String page = appliance.page();
    String link = first(LINK, page);
    assertThat(link).startsWith(appliance.url());
    assertThat(first(SHOWN_FINGERPRINT, page).replaceAll("\\s+", ""))
        .isEqualTo(appliance.fingerprint());
    Waiting.until(
        "the link as QR code on the screen",
        SCREEN,
        () -> codes(appliance, "screen-" + name).contains(link),
        appliance.machine()::mustRun);

    assertThat(appliance.browser(link).status()).isEqualTo(200);
    Path cookies = rack.directory.resolve("cookies-" + name);
    String secret = link.substring(link.indexOf('=') + 1);
    String[] form = {
      "--cookie-jar",
      cookies.toString(),
      "--data-urlencode",
      "link=" + secret,
      "--data-urlencode",
      "name=ann",
      "--data-urlencode",
      "password=correct horse battery",
      "--data-urlencode",
      "again=correct horse battery",
      appliance.url() + "/welcome"
    };
    assertThat(appliance.browser(form).status()).isEqualTo(303);
    assertThat(
            appliance
                .browser("--cookie", cookies.toString(), appliance.url() + "/api/v1/account")
                .body())
        .contains("\"ann\"", "\"admin\"");
    // Once.
    assertThat(appliance.browser(form).status()).isGreaterThanOrEqualTo(400);
    Waiting.until(
        "a screen without the link",
        SCREEN,
        () ->
            appliance.page().contains("Enter: menu")
                && !appliance.page().contains(secret)
                && codes(appliance, "screen-after-" + name).isEmpty(),
        appliance.machine()::mustRun);
  }

  /// What the QR codes on its screen say.
  private static List<String> codes(DiscAppliance appliance, String name) {
    try {
      return Commands.attempt(
              Duration.ofMinutes(1),
              List.of("zbarimg", "--quiet", "--raw", appliance.screen(name).toString()))
          .output()
          .lines()
          .filter(line -> line.startsWith("https://"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group() : "no " + pattern + " in: " + text;
  }
}
