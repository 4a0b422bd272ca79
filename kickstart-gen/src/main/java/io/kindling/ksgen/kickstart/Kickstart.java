package io.kindling.ksgen.kickstart;

import io.kindling.ksgen.DiskPlan;
import io.kindling.ksgen.DiskPlan.PlannedDisk;
import io.kindling.ksgen.LayoutException;
import io.kindling.ksgen.PartitionScript;
import io.kindling.ksgen.internal.KickstartFilters;
import io.kindling.ksgen.internal.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// A request to the kickstart that installs the node with no question asked. Pure; safe from any
/// thread.
///
/// What depends on the machine's devices is not in it: its first script runs the node's partition
/// script, finds the partitions and writes the part that is included.
public final class Kickstart {

  /// What the first script writes on the machine.
  public static final String INCLUDE = "/tmp/kindling-storage.ks";

  private static final Template KICKSTART = Template.of("kickstart/kickstart.ks.jinja");
  private static final Template REPORT = Template.of("kickstart/report.sh.jinja");
  private static final Template PRE = Template.of("kickstart/pre.sh.jinja");
  private static final Template POST = Template.of("kickstart/post.sh.jinja");
  private static final String REPORT_BODY = Template.resource("kickstart/report.sh");
  private static final String PRE_BODY = Template.resource("kickstart/pre.sh");
  private static final String POST_BODY = Template.resource("kickstart/post.sh");
  private static final String ON_ERROR = Template.resource("kickstart/onerror.sh");

  private static final String SSHD =
      """
      # Written by Kindling when this node was installed.
      PermitRootLogin no
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      UseDNS no
      """;

  private record File(String mode, String path, String text) {
    Map<String, Object> values() {
      return Map.of("mode", mode, "path", path, "text", text);
    }
  }

  private Kickstart() {}

  /// @throws LayoutException KSG-040 for a value that cannot stand in a kickstart
  public static String render(KickstartRequest request) {
    Checks.check(request);
    String report =
        REPORT.render(
            Map.of(
                "agent", request.appliance().agent(),
                "token", request.appliance().token(),
                "body", REPORT_BODY));
    KickstartRequest.Host host = request.host();
    return KICKSTART.render(
        Map.ofEntries(
            Map.entry("release", request.release().label()),
            Map.entry("node", request.disks().nodeId().toString()),
            Map.entry("attempt", request.disks().attempt()),
            Map.entry("language", host.locale().language()),
            Map.entry("keyboard", host.locale().keyboard()),
            Map.entry("timezone", host.locale().timezone()),
            Map.entry("ntp", host.ntp()),
            Map.entry("tree", request.appliance().tree()),
            Map.entry("hostname", fullName(host)),
            Map.entry("user", host.adminUser()),
            Map.entry("key", host.adminKey()),
            Map.entry("include", INCLUDE),
            Map.entry("packages", host.packages()),
            Map.entry("pre", pre(request, report)),
            Map.entry("post", post(request, report)),
            Map.entry("onerror", report + ON_ERROR)));
  }

  /// Looks through what an operator wishes of systems, before there is one.
  ///
  /// @throws LayoutException KSG-040 for the first value that will not do
  public static void check(
      KickstartRequest.Locale locale, List<String> kernelArguments, List<String> packages) {
    Checks.wishes(locale, kernelArguments, packages);
  }

  private static String pre(KickstartRequest request, String report) {
    DiskPlan plan = request.disks();
    return PRE.render(
        Map.of(
            "report", report,
            "firmware", firmware(request),
            "include", INCLUDE,
            "system_disks", Storage.systemDisks(plan),
            "boot_disk", Storage.bootDisk(plan),
            "bootloader", bootLoader(request.host()),
            "steps",
                Storage.steps(plan, request.firmware()).stream()
                    .map(s ->
                        Map.<String, Object>of(
                            "disk", s.disk(), "number", s.number(), "words", s.words()))
                    .toList(),
            "script", PartitionScript.render(plan),
            "body", PRE_BODY));
  }

  private static String bootLoader(KickstartRequest.Host host) {
    String words = "bootloader --location=mbr --leavebootorder --timeout=2";
    return host.kernelArguments().isEmpty()
        ? words
        : words + " --append=" + KickstartFilters.quote(String.join(" ", host.kernelArguments()));
  }

  private static String post(KickstartRequest request, String report) {
    List<PlannedDisk> disks = request.disks().disks();
    return POST.render(
        Map.of(
            "report", report,
            "node", request.disks().nodeId().toString(),
            "attempt", request.disks().attempt(),
            "user", request.host().adminUser(),
            "firmware", firmware(request),
            "files", files(request).stream().map(File::values).toList(),
            "boot_disks",
                disks.stream().filter(PlannedDisk::biosBoot).map(d -> d.guid().toString()).toList(),
            "marked",
                disks.stream()
                    .flatMap(d ->
                        d.partitions().stream()
                            .filter(p -> p.use().ceph())
                            .map(p ->
                                Map.<String, Object>of(
                                    "disk", d.guid().toString(),
                                    "number", p.number(),
                                    "guid", p.guid().toString(),
                                    "type", p.type().toString())))
                    .toList(),
            "repositories",
                request.appliance().repositories().stream()
                    .map(r ->
                        Map.<String, Object>of(
                            "name", r.name(), "url", request.appliance().tree() + "/" + r.path()))
                    .toList(),
            "body", POST_BODY));
  }

  private static List<File> files(KickstartRequest request) {
    KickstartRequest.Host host = request.host();
    var files = new ArrayList<File>();
    NetworkFiles.of(request).forEach((path, text) -> files.add(new File("0600", path, text)));
    files.add(new File("0644", "/etc/hosts", hosts(request)));
    files.add(
        new File(
            "0440", "/etc/sudoers.d/kindling", host.adminUser() + " ALL=(ALL) NOPASSWD: ALL\n"));
    files.add(new File("0600", "/etc/ssh/sshd_config.d/00-kindling.conf", SSHD));
    files.add(
        new File(
            "0644",
            "/etc/kindling/node",
            "node=" + request.disks().nodeId() + "\nattempt=" + request.disks().attempt() + "\n"));
    return files;
  }

  private static String hosts(KickstartRequest request) {
    KickstartRequest.Host host = request.host();
    String names = host.domain() == null ? host.name() : fullName(host) + " " + host.name();
    return "127.0.0.1 localhost localhost.localdomain\n::1 localhost localhost.localdomain\n"
        + request.network().stream()
            .flatMap(d -> java.util.Optional.ofNullable(d.address()).stream())
            .limit(1)
            .map(a -> a.address().substring(0, a.address().indexOf('/')) + " " + names + "\n")
            .collect(Collectors.joining());
  }

  private static String fullName(KickstartRequest.Host host) {
    return host.domain() == null ? host.name() : host.name() + "." + host.domain();
  }

  private static String firmware(KickstartRequest request) {
    return request.firmware().name().toLowerCase(Locale.ROOT);
  }
}
