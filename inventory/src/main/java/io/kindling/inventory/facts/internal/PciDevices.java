package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Hardware;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// lshw's devices on PCI.
final class PciDevices {
  private static final int MAX_DEVICES = 2_000;

  /// The screens of BMCs and of virtual machines compute nothing.
  private static final Pattern NO_GPU =
      Pattern.compile(
          ".*(aspeed|matrox|nuvoton|hisilicon|silicon motion|xgi|emulex|qemu|bochs|cirrus|vmware"
              + "|virtualbox|innotek|red hat|microsoft|efi vga|es1000).*",
          Pattern.CASE_INSENSITIVE);

  private PciDevices() {}

  static List<Hardware.PciDevice> of(Lshw lshw, Reader.Warnings warnings) {
    var devices = new ArrayList<Hardware.PciDevice>();
    lshw.walk((node, above) -> {
      String address = Lshw.pciAddress(node.text("businfo"));
      String kind = node.text("class");
      if (address == null || kind == null || kind.equals("bridge")) {
        return; // Bridges are what the others hang on.
      }
      if (devices.size() == MAX_DEVICES) {
        warnings.add("$.raw.lshw", "more than " + MAX_DEVICES + " PCI devices");
        return;
      }
      String vendor = Placeholders.meaningful(node.text("vendor"));
      String product = Placeholders.meaningful(node.text("product"));
      devices.add(
          new Hardware.PciDevice(
              address,
              kind,
              node.text("description"),
              vendor,
              product,
              node.object("configuration").text("driver"),
              isGpu(kind, vendor, product)));
    });
    devices.sort(Comparator.comparing(Hardware.PciDevice::address));
    return devices;
  }

  private static boolean isGpu(String kind, @Nullable String vendor, @Nullable String product) {
    return kind.equals("display")
        && vendor != null
        && !NO_GPU.matcher(vendor + " " + product).matches();
  }
}
