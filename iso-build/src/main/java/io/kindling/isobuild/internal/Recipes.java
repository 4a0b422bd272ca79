package io.kindling.isobuild.internal;

import io.kindling.isobuild.Artefact;
import io.kindling.isobuild.DebianSource;
import io.kindling.isobuild.ImageBuilder;
import io.kindling.isobuild.Loaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The recipes, with their files out of the class path.
public final class Recipes {

  /// The agent's script, kept beside what reads its reports.
  private static final String AGENT = "/io/kindling/inventory/agent/kindling-agent.sh";

  private static final String AGENT_FILE = "kindling-agent.sh";

  /// Everything under `bootstrap/`.
  static final List<String> BOOTSTRAP_FILES =
      List.of(
          "bootstrap/functions.sh",
          "bootstrap/init",
          "bootstrap/inittab",
          "bootstrap/packages.list",
          "bootstrap/rc.boot",
          "bootstrap/rc.devices",
          "bootstrap/rc.shutdown",
          "bootstrap/run-agent",
          "bootstrap/run-dhcp",
          "bootstrap/run-lldpd",
          "bootstrap/run-sshd",
          "bootstrap/run-udev",
          "bootstrap/sshd_config",
          "bootstrap/sysusers.conf",
          "bootstrap/udhcpc.sh");

  /// Everything under `node/`.
  static final List<String> NODE_FILES =
      List.of(
          "node/before-packages",
          "node/etc/default/amd64-microcode",
          "node/etc/default/intel-microcode",
          "node/etc/initramfs-tools/conf.d/kindling.conf",
          "node/etc/initramfs-tools/hooks/kindling",
          "node/mdadm.conf",
          "node/packages.list",
          "node/sshd.conf");

  /// Everything under `system/`.
  static final List<String> SYSTEM_FILES =
      List.of(
          "system/before-packages",
          "system/grub-early.cfg",
          "system/packages.list",
          "system/root/etc/chrony/chrony.conf",
          "system/root/etc/default/amd64-microcode",
          "system/root/etc/default/intel-microcode",
          "system/root/etc/initramfs-tools/conf.d/kindling.conf",
          "system/root/etc/initramfs-tools/hooks/kindling",
          "system/root/etc/initramfs-tools/scripts/kindling",
          "system/root/etc/ssh/sshd_config.d/10-kindling.conf",
          "system/root/etc/systemd/journald.conf.d/kindling.conf",
          "system/root/etc/systemd/network/90-links.network",
          "system/root/etc/systemd/resolved.conf.d/kindling.conf",
          "system/root/usr/bin/kindling",
          "system/root/usr/bin/kindling-install",
          "system/root/usr/bin/kindling-settings",
          "system/root/usr/lib/kindling/answers.sh",
          "system/root/usr/lib/kindling/console",
          "system/root/usr/lib/kindling/data",
          "system/root/usr/lib/kindling/setup",
          "system/root/usr/lib/systemd/system/kindling-autoinstall.service",
          "system/root/usr/lib/systemd/system/kindling-console@.service",
          "system/root/usr/lib/systemd/system/kindling-data.service",
          "system/root/usr/lib/systemd/system/kindling-setup.service",
          "system/root/usr/lib/systemd/system/kindling.service",
          "system/root/usr/lib/sysusers.d/kindling.conf");

  /// Everything under `iso/`.
  static final List<String> ISO_FILES = List.of("iso/cyclonedx.jq", "iso/grub.cfg", "iso/train.sh");

  /// What the mirror holds: the packages in these lists, with what they depend on.
  public static final List<String> MIRROR_LISTS =
      List.of("node/packages.list", "mirror/packages.list");

  /// What it holds besides where the rack is to have OpenStack.
  public static final String OPENSTACK_LIST = "openstack/packages.list";

  private final DebianSource source;

  public Recipes(DebianSource source) {
    this.source = source;
  }

  public Recipe loaders() {
    return recipe(Artefact.LOADERS, List.of(), Map.of(), Loaders.FILES);
  }

  public Recipe bootstrap() {
    return recipe(
        Artefact.BOOTSTRAP,
        BOOTSTRAP_FILES,
        Map.of("AGENT", AGENT_FILE),
        List.of("vmlinuz", "initrd"));
  }

  public Recipe node() {
    return recipe(
        Artefact.NODE, NODE_FILES, Map.of(), List.of("node.tar.zst", "node.tar.zst.sha256"));
  }

  /// The appliance's own system.
  public Recipe system() {
    return recipe(
        Artefact.SYSTEM,
        SYSTEM_FILES,
        Map.of(),
        List.of(
            "system.squashfs",
            "vmlinuz",
            "initrd",
            "esp.img",
            "bios.img",
            "hybrid.img",
            "packages.tsv",
            "epoch",
            "SHA256SUMS"));
  }

  /// The files of the script that writes the ISO.
  public static Map<String, byte[]> isoFiles() {
    var files = new TreeMap<String, byte[]>();
    for (String name : List.of("run.sh", "lib.sh", "iso.sh")) {
      files.put(name, resource("/io/kindling/isobuild/" + name));
    }
    for (String name : ISO_FILES) {
      files.put(name, resource("/io/kindling/isobuild/" + name));
    }
    return files;
  }

  /// The files of the mirror's script.
  public static Map<String, byte[]> mirrorFiles(Map<String, byte[]> more) {
    var files = new TreeMap<String, byte[]>(more);
    for (String name : List.of("lib.sh", "mirror.sh")) {
      files.put(name, resource("/io/kindling/isobuild/" + name));
    }
    for (String name : MIRROR_LISTS) {
      files.put(name, resource("/io/kindling/isobuild/" + name));
    }
    files.put(OPENSTACK_LIST, resource("/io/kindling/isobuild/" + OPENSTACK_LIST));
    return files;
  }

  private Recipe recipe(
      Artefact artefact,
      List<String> more,
      Map<String, String> environment,
      List<String> products) {
    String script = artefact.id() + ".sh";
    var files = new TreeMap<String, byte[]>();
    for (String name : List.of("run.sh", "lib.sh", script)) {
      files.put(name, resource("/io/kindling/isobuild/" + name));
    }
    for (String name : more) {
      files.put(name, resource("/io/kindling/isobuild/" + name));
    }
    if (environment.containsValue(AGENT_FILE)) {
      files.put(AGENT_FILE, resource(AGENT));
    }
    return new Recipe(artefact, source.suite(), script, files, environment, products);
  }

  private static byte[] resource(String name) {
    try (InputStream in = ImageBuilder.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("not in the class path: " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
