package io.kindling.appliance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The document was recorded in QEMU by the module `inventory`.
final class OfflineCommandsTest {

  @TempDir Path directory;
  private Path facts;

  @BeforeEach
  void saveFacts() throws Exception {
    facts = directory.resolve("facts.json");
    try (InputStream in =
        OfflineCommandsTest.class.getResourceAsStream(
            "/io/kindling/inventory/facts/qemu-uefi.json")) {
      Files.write(facts, in.readAllBytes());
    }
  }

  private CommandLineRun run(String... arguments) {
    return CommandLineRun.of(directory, arguments);
  }

  @Test
  void aPlanShowsTheDisksAndNeedsNoAppliance() {
    var run = run("plan", "--facts", facts.toString(), "--role", "base");
    assertThat(run.err()).doesNotContain("kindling:");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("kindling-os-");
  }

  @Test
  void thePlanAsKsSpacesIsJson() {
    var run = run("plan", "--facts", facts.toString(), "--role", "base", "--format", "ks_spaces");
    assertThat(run.status()).isZero();
    assertThat(Operators.parse(run.out()).isArray()).isTrue();
  }

  @Test
  void theSameDocumentGivesTheSameScriptAlsoFromStandardInput() throws Exception {
    var run = run("render", "partition-script", "--facts", facts.toString(), "--role", "base");
    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("#!/bin/sh");
    var again =
        CommandLineRun.of(
            directory,
            Files.readAllBytes(facts),
            List.of(),
            "render",
            "partition-script",
            "--facts",
            "-",
            "--role",
            "base");
    assertThat(again.out()).isEqualTo(run.out());
  }

  @Test
  void aKickstartIsRenderedForAMachineThatNoApplianceKnows() {
    var run =
        run(
            "render",
            "kickstart",
            "--facts",
            facts.toString(),
            "--role",
            "base",
            "--release",
            "alma-10",
            "--key",
            "ssh-ed25519 AAAA me",
            "--network",
            "nic0=52:54:00:00:00:01",
            "--network",
            "nic1=52:54:00:00:00:02",
            "--network",
            "bond0=lacp:nic0+nic1,mtu=9000",
            "--network",
            "vlan101=101@bond0,mtu=9000",
            "--network",
            "br0=bridge:vlan101,address=10.20.0.10/24,gateway=10.20.0.254",
            "--package",
            "tmux",
            "--kernel",
            "nosmt");
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .startsWith("# Kindling: alma-10 for node ")
        .contains(
            "\nurl --url=http://10.20.0.1/releases/alma-10\n",
            "\ntimesource --ntp-server=10.20.0.1\n",
            "\ntmux\n",
            "address1=10.20.0.10/24,10.20.0.254",
            "mode=802.3ad",
            "--append=nosmt");
  }

  @Test
  void aNetworkDeviceOrReleaseThatCannotBeIsNamed() {
    for (String device :
        new String[] {"nic0", "v=x@nic0", "b=lacp:a,mtu=x", "n=52:54:00:00:00:01,speed=1", "=x"}) {
      assertThat(kickstart("rocky-9", device).status()).as(device).isEqualTo(2);
    }
    assertThat(kickstart("rocky-8", "nic0=52:54:00:00:00:01").err())
        .contains("there is no release `rocky-8`; known: rocky-9,");
    assertThat(kickstart("rocky-9", "nic0=52:54:00:00:00:01").err())
        .contains("KSG-040", "the network cannot be `without any address`");
  }

  private CommandLineRun kickstart(String release, String device) {
    return run(
        "render",
        "kickstart",
        "--facts",
        facts.toString(),
        "--role",
        "base",
        "--release",
        release,
        "--key",
        "ssh-ed25519 AAAA me",
        "--network",
        device);
  }

  @Test
  void anUnknownRoleIsNotUnderstood() {
    var run = run("plan", "--facts", facts.toString(), "--role", "cook");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("there is no role `cook`", "ceph-osd");
  }

  @Test
  void aDiskTheMachineDoesNotHaveIsNamed() {
    var run =
        run("plan", "--facts", facts.toString(), "--role", "base", "--disk", "wwn-0x1=os:all");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("KSG-004", "wwn-0x1");
  }

  @Test
  void aTruncatedDocumentIsNamed() throws Exception {
    byte[] whole = Files.readAllBytes(facts);
    Files.write(facts, java.util.Arrays.copyOf(whole, whole.length / 2));
    var run = run("plan", "--facts", facts.toString(), "--role", "base");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("INV-003");
  }
}
