package io.kindling.postinstall.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.postinstall.InstallPlan;
import io.kindling.postinstall.Plans;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptsTest {

  static Stream<String> scripts() {
    InstallPlan plan = Plans.plan();
    return Stream.of(
        Scripts.partition(plan, "wipe"),
        Scripts.image(plan),
        Scripts.bootLoader(plan),
        Scripts.bootLoader(Plans.plan(Plans.mirrored())),
        Scripts.configure(plan),
        Scripts.reboot(plan),
        Scripts.reboot(byKexec(plan)),
        Scripts.verify(plan, "old"),
        Scripts.resource("follow.sh"),
        Scripts.resource("stop.sh"));
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void everyScriptIsWholeBeforeItsFirstCommandRuns(String script) {
    // A script cut off by a broken connection must do nothing: its last line starts it.
    assertThat(script).endsWith("\nmain \"$@\" </dev/null\n");
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void everyScriptIsSyntaxThatShUnderstands(String script) throws Exception {
    assertThat(check(script, "sh", "-n")).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("scripts")
  @Tag("rack")
  void shellcheckFindsNothing(String script) throws Exception {
    // Values and arguments that another of the scripts uses are unused here.
    assertThat(check(script, "shellcheck", "-s", "sh", "-e", "SC2034,SC2119,SC2120", "-"))
        .isEmpty();
  }

  private static InstallPlan byKexec(InstallPlan plan) {
    return new InstallPlan(
        plan.node(),
        plan.attempt(),
        plan.bootstrap(),
        plan.disks(),
        plan.script(),
        plan.image(),
        plan.system(),
        InstallPlan.Entry.KEXEC);
  }

  @Test
  void theMachineGoesThroughItsFirmwareUnlessThePlanSaysKexec() {
    assertThat(Scripts.reboot(Plans.plan())).contains("ENTRY='firmware'\n");
    assertThat(Scripts.reboot(byKexec(Plans.plan()))).contains("ENTRY='kexec'\n");
  }

  @Test
  void theSamePlanMakesTheSameScript() {
    assertThat(Scripts.bootLoader(Plans.plan())).isEqualTo(Scripts.bootLoader(Plans.plan()));
  }

  @Test
  void aPartitionScriptThatChangedIsAnotherJob() {
    var plan = Plans.plan();
    var other =
        new InstallPlan(
            plan.node(),
            plan.attempt(),
            plan.bootstrap(),
            plan.disks(),
            "other",
            plan.image(),
            plan.system(),
            plan.entry());
    assertThat(Hash.of(Scripts.partition(plan, "wipe")))
        .isNotEqualTo(Hash.of(Scripts.partition(other, "wipe")));
  }

  @Test
  void theLoaderLooksForBootByItsOwnFileSystem() {
    assertThat(Scripts.bootLoader(Plans.plan()))
        .contains("BOOT_ID='" + Plans.id(3) + "'\n", "BOOT_PREFIX='/grub'\n")
        .contains("ESPS='1A2B-3C4D " + Plans.id(10) + " 2'\n", "BIOS='" + Plans.id(10) + "'\n");
  }

  @Test
  void aMirroredSystemHasAnEntryAndBootCodeForEachDisk() {
    assertThat(Scripts.bootLoader(Plans.plan(Plans.mirrored())))
        .contains(
            "ESPS='1A2B-3C4D " + Plans.id(10) + " 2\n1A2B-3C4D " + Plans.id(20) + " 2'\n",
            "BIOS='" + Plans.id(10) + "\n" + Plans.id(20) + "'\n",
            "ARRAYS='" + SystemFiles.mdadmId(Plans.id(40)) + " esp\n");
  }

  @Test
  void whatIsKeptIsMountedByTheInstalledSystemAloneNeverWhileItIsUnpacked() {
    var plan = Plans.plan(Plans.mirrored());
    assertThat(Scripts.image(plan)).contains("/boot/efi").doesNotContain("/var/lib/glance");
    assertThat(Scripts.image(plan)).contains("GROUPS_='os'\n");
    assertThat(Scripts.bootLoader(plan))
        .contains("UUID=" + Plans.id(32) + " /var/lib/glance xfs defaults");
  }

  @Test
  void verifyingNamesTheCephPartitionsAndTheirTypes() {
    assertThat(Scripts.verify(Plans.plan(), "b"))
        .contains("PARTITIONS='" + Plans.id(21) + " " + Plans.OSD_TYPE + "'\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a b", "a;b", "$(x)", "a'b", "a\nb", "{{ x }}", "-a", "a.b", "ünï", "a/b"})
  void aHostNameThatMeansSomethingElseIsRefused(String name) {
    assertThatThrownBy(() -> Values.check(Plans.plan(Plans.settings(name))))
        .isInstanceOf(BadValue.class);
  }

  @Test
  void otherValuesThatMeanSomethingElseAreRefused() {
    var good = Plans.settings("node-1");
    var bad =
        List.of(
            change(good, List.of("10.0.0.1\nx"), good.ntpServers(), "kindling", Plans.KEY),
            change(good, good.dns(), List.of("pool ntp"), "kindling", Plans.KEY),
            change(good, good.dns(), good.ntpServers(), "root", Plans.KEY),
            change(good, good.dns(), good.ntpServers(), "a ALL=(ALL)", Plans.KEY),
            change(good, good.dns(), good.ntpServers(), "kindling", "ssh-rsa AAAA\nssh-rsa BBBB"));
    Values.check(Plans.plan(good));
    for (var settings : bad) {
      assertThatThrownBy(() -> Values.check(Plans.plan(settings))).isInstanceOf(BadValue.class);
    }
  }

  private static InstallPlan.HostSettings change(
      InstallPlan.HostSettings s, List<String> dns, List<String> ntp, String user, String key) {
    return new InstallPlan.HostSettings(
        s.hostName(),
        s.domain(),
        s.firmware(),
        s.network(),
        s.address(),
        dns,
        ntp,
        user,
        key,
        s.consoles());
  }

  private static String check(String script, String... command) throws Exception {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var in = process.getOutputStream()) {
      in.write(script.getBytes(StandardCharsets.UTF_8));
    }
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
