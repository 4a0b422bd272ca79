package io.kindling.appliance.boot;

import io.kindling.appliance.boot.BootTable.Disk;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootDecisions;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeError;
import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Boot answers from the inventory as it is at the moment of the packet. Thread-safe.
///
/// A machine has no fixed address while it boots: leases serve discovery only and the installed
/// system's addresses are static, from other ranges.
public final class LiveBootDecisions implements BootDecisions {
  /// Screen and first serial port; the last one is where the kernel's own console is.
  public static final List<String> CONSOLES = List.of("tty0", "ttyS0,115200n8");

  private final NodeStore nodes;
  private final EventStore events;
  private final BootTokens tokens;
  private final StageBoard stages;
  private final InstallerAnswers installers;
  private final String publicKey;
  private final Executor background;

  /// @param installers which releases' installers work on nodes
  /// @param publicKey the appliance's OpenSSH public key line
  /// @param background runs what may wait for the store: the caller never does
  public LiveBootDecisions(
      NodeStore nodes,
      EventStore events,
      BootTokens tokens,
      StageBoard stages,
      InstallerAnswers installers,
      String publicKey,
      Executor background) {
    this.nodes = nodes;
    this.events = events;
    this.tokens = tokens;
    this.stages = stages;
    this.installers = installers;
    this.publicKey = publicKey;
    this.background = background;
  }

  @Override
  public BootAnswer answer(HardwareAddress mac, BootStage stage) {
    Node node = nodes.findByMac(mac.text()).orElse(null);
    Assignment assignment = node == null ? null : node.assignment();
    Optional<BootAnswer.Installer> installer =
        node == null || assignment == null || assignment.onDisk()
            ? Optional.empty()
            : installers.next(node, stage);
    Disk disk = installer.isPresent() ? Disk.INSTALLER : node == null ? Disk.BLANK : Disk.of(node);
    return switch (BootTable.action(node == null ? null : node.state(), disk, stage)) {
      case INSTALLER -> installer.orElseThrow();
      case BOOTSTRAP ->
          new BootAnswer.Bootstrap(
              stage == BootStage.DHCP ? "" : tokens.issue(mac), // no packet has room for one
              publicKey,
              CONSOLES.stream().map(console -> "console=" + console).toList());
      case OWN_DISK ->
          new BootAnswer.OwnDisk(
              Optional.ofNullable(assignment == null ? null : assignment.espSerial()));
      case FIRMWARE_NEXT -> new BootAnswer.FirmwareNext("this machine is past the bootstrap image");
    };
  }

  @Override
  public Optional<Inet4Address> fixedAddress(HardwareAddress mac) {
    return Optional.empty();
  }

  @Override
  public void reached(HardwareAddress mac, BootStage stage, String detail) {
    if (!stages.reached(mac, stage, detail) || stage == BootStage.DHCP) {
      return; // told before; or the first of several at once: the loader is what shows a boot
    }
    UUID node = nodes.findByMac(mac.text()).map(Node::id).orElse(null);
    background.execute(() -> append(node, mac, stage, detail));
  }

  @Override
  public void leased(HardwareAddress mac, String detail) {
    // an installed system's lease, or the bootstrap's own: no stage of a boot
  }

  @Override
  public void noticed(PxeError notice, String detail) {
    background.execute(() -> events.append(null, "network", notice.id(), notice.line(detail)));
  }

  private void append(@Nullable UUID node, HardwareAddress mac, BootStage stage, String detail) {
    events.append(node, "boot-stage", null, mac + " reached " + stage.label() + ": " + detail);
  }
}
