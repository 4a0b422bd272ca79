package io.kindling.pxe.http;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.Catalogue;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The scripts that iPXE and GRUB are given, one template per loader and answer. Thread-safe.
public final class BootScripts {
  private final Templates templates = new Templates();

  /// What a loader is that asks for a script.
  public enum Dialect {
    IPXE,
    GRUB
  }

  /// The script for an answer other than silence.
  public String script(Dialect dialect, BootAnswer answer, HardwareAddress mac, URI base) {
    String prefix = dialect == Dialect.IPXE ? "ipxe-" : "grub-";
    return switch (answer) {
      case BootAnswer.Bootstrap bootstrap ->
          templates.render(
              prefix + "bootstrap.jinja",
              Map.of(
                  "mac", mac.text(),
                  "base", base.toString(),
                  "authority", base.getAuthority(),
                  "kernel", Catalogue.KERNEL,
                  "initrd", Catalogue.INITRD,
                  "arguments", kernelArguments(bootstrap, mac, base),
                  "gave_up", PxeError.BOOT_GAVE_UP.id()));
      case BootAnswer.Installer(var kernel, var initrd, var arguments) ->
          templates.render(
              prefix + "installer.jinja",
              Map.of(
                  "mac", mac.text(),
                  "base", base.toString(),
                  "authority", base.getAuthority(),
                  "kernel", kernel,
                  "initrd", initrd,
                  "arguments",
                      arguments.stream().map(a -> a.replace("{base}", base.toString())).toList(),
                  "gave_up", PxeError.BOOT_GAVE_UP.id()));
      case BootAnswer.OwnDisk(var espSerial) ->
          templates.render(
              prefix + "own-disk.jinja",
              Map.of("mac", mac.text(), "esp_serial", espSerial.orElse("")));
      case BootAnswer.FirmwareNext unused ->
          templates.render(prefix + "firmware-next.jinja", Map.of("mac", mac.text()));
      case BootAnswer.Silence(String reason) ->
          throw new PxeException(PxeError.NOT_BOOTING, reason + ".");
    };
  }

  private static List<String> kernelArguments(
      BootAnswer.Bootstrap bootstrap, HardwareAddress mac, URI base) {
    List<String> arguments = new ArrayList<>();
    arguments.add("kindling.url=" + base);
    arguments.add("kindling.boot=" + mac);
    for (String extra : bootstrap.kernelArguments()) {
      if (!Templates.SAFE_ARGUMENT.matcher(extra).matches()) {
        throw new PxeException(PxeError.BAD_KERNEL_ARGUMENT, "Machine " + mac + ".");
      }
      arguments.add(extra);
    }
    return arguments;
  }

  /// What network GRUB reads first: a constant that leads to the live script.
  public String grubStart(URI base) {
    return templates.render("grub-start.jinja", Map.of("authority", base.getAuthority()));
  }

  /// The second initrd of a boot: its token, and the key that may log in to it.
  static byte[] tokenArchive(BootAnswer.Bootstrap bootstrap) {
    return new Cpio()
        .directory("etc", 0755)
        .directory("etc/kindling", 0755)
        .file("etc/kindling/token", 0600, line(bootstrap.token()))
        .file("etc/kindling/appliance.pub", 0644, line(bootstrap.appliancePublicKey()))
        .finish();
  }

  private static byte[] line(String text) {
    return (text.strip() + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
