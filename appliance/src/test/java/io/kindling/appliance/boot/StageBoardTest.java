package io.kindling.appliance.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Event;
import io.kindling.inventory.MemoryEventStore;
import io.kindling.inventory.MemoryNodeStore;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageBoardTest {
  private static final HardwareAddress MAC = new HardwareAddress("52:54:00:00:00:01");
  private static final String IPXE = "ACK 10.20.0.100, http://10.20.0.1/boot/v1/ipxe?mac=" + MAC;

  private final TestClock clock = new TestClock();
  private final StageBoard board = new StageBoard(clock);

  private void reach(BootStage stage, String detail) {
    board.reached(MAC, stage, detail);
    clock.advance(Duration.ofSeconds(1));
  }

  private void biosBoot() {
    reach(BootStage.DHCP, "OFFER 10.20.0.100, undionly.kpxe");
    reach(BootStage.DHCP, "ACK 10.20.0.100, undionly.kpxe");
    reach(BootStage.LOADER, "TFTP undionly.kpxe");
    reach(BootStage.DHCP, IPXE);
    reach(BootStage.SCRIPT, "IPXE script: bootstrap image");
    reach(BootStage.KERNEL, "GET vmlinuz");
  }

  @Test
  void eachStageOfABootHasItsTime() {
    biosBoot();
    reach(BootStage.AGENT, "report");
    var steps = board.of(MAC).orElseThrow().steps();
    assertThat(steps)
        .extracting(StageBoard.Step::stage)
        .containsExactly(
            BootStage.DHCP,
            BootStage.LOADER,
            BootStage.DHCP,
            BootStage.SCRIPT,
            BootStage.KERNEL,
            BootStage.AGENT);
    assertThat(Duration.between(steps.getFirst().at(), steps.getLast().at()))
        .isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void firmwareThatAsksAgainBeginsANewBoot() {
    biosBoot();
    reach(BootStage.DHCP, "OFFER 10.20.0.100, undionly.kpxe");
    assertThat(board.of(MAC).orElseThrow().steps()).hasSize(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "DHCP   | OFFER 10.20.0.100, shimx64.efi | 60 | no request for the loader came",
        "LOADER | TFTP shimx64.efi               | 60 | did not ask for its script",
        "SCRIPT | GRUB script: bootstrap image   | 60 | neither kernel nor initrd",
        "KERNEL | GET vmlinuz                    | 300 | no agent reported",
      })
  void aStageThatIsTheLastForTooLongNamesTheMissingEvent(
      BootStage stage, String detail, int seconds, String missing) {
    board.reached(MAC, stage, detail);
    clock.advance(Duration.ofSeconds(seconds - 1));
    assertThat(board.missing(MAC)).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    assertThat(board.missing(MAC).orElseThrow()).contains(missing);
  }

  @Test
  void anIpxeWithoutItsScriptIsToldFromFirmwareWithoutItsLoader() {
    reach(BootStage.DHCP, "ACK 10.20.0.100, undionly.kpxe");
    reach(BootStage.LOADER, "TFTP undionly.kpxe");
    reach(BootStage.DHCP, IPXE);
    clock.advance(Duration.ofMinutes(2));
    assertThat(board.missing(MAC).orElseThrow()).contains("did not ask for its script");
  }

  @Test
  void aMachineOnItsOwnDiskOrInTheBootstrapMissesNothing() {
    board.reached(MAC, BootStage.SCRIPT, "GRUB script: own disk");
    clock.advance(Duration.ofDays(1));
    assertThat(board.stalled()).isEmpty();
    board.reached(MAC, BootStage.AGENT, "report");
    clock.advance(Duration.ofDays(1));
    assertThat(board.stalled()).isEmpty();
  }

  @Test
  void aLoaderThatTriesForEverFillsNoMemory() {
    for (int i = 0; i < 100; i++) {
      reach(BootStage.LOADER, "TFTP grub/grub.cfg");
      reach(BootStage.SCRIPT, "GRUB script: bootstrap image");
    }
    assertThat(board.of(MAC).orElseThrow().steps()).hasSize(StageBoard.MAX_STEPS);
  }

  @Test
  void aStalledBootIsToldOnceWithItsIdAndAgainForTheNextBoot() {
    var events = new MemoryEventStore(clock);
    try (var stalled = new StalledBoots(board, new MemoryNodeStore(), events)) {
      board.reached(MAC, BootStage.LOADER, "TFTP shimx64.efi");
      stalled.look();
      assertThat(events.last(10)).isEmpty();
      clock.advance(Duration.ofSeconds(61));
      stalled.look();
      stalled.look();
      assertThat(events.last(10))
          .singleElement()
          .satisfies(event -> {
            assertThat(event.error()).isEqualTo("PXE-027");
            assertThat(event.text())
                .startsWith(MAC + " stopped after loader: the loader was fetched");
          });
      board.reached(MAC, BootStage.DHCP, "OFFER 10.20.0.100, shimx64.efi");
      board.reached(MAC, BootStage.LOADER, "TFTP shimx64.efi");
      clock.advance(Duration.ofSeconds(61));
      stalled.look();
      assertThat(events.last(10)).extracting(Event::error).containsExactly("PXE-027", "PXE-027");
    }
  }
}
