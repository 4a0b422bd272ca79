package io.kindling.inventory.facts.internal;

import io.kindling.inventory.facts.Hardware;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// lshw's network interfaces: what `ip` does not tell.
final class Adapters {
  private static final int MAX_ADAPTERS = 512;
  private static final Pattern SPEED = Pattern.compile("(\\d{1,6})([MG])bit/s");

  private Adapters() {}

  static List<Hardware.Adapter> of(
      Lshw lshw, Map<String, Hardware.FarEnd> neighbours, Reader.Warnings warnings) {
    var adapters = new ArrayList<Hardware.Adapter>();
    lshw.walk((node, above) -> {
      String name = "network".equals(node.text("class")) ? node.text("logicalname") : null;
      if (name == null) {
        return;
      }
      if (adapters.size() == MAX_ADAPTERS) {
        warnings.add("$.raw.lshw", "more than " + MAX_ADAPTERS + " network interfaces");
        return;
      }
      // Under virtio the function that holds it has the names.
      Reader named = node.has("product") || above == null ? node : above;
      String pci = Lshw.pciAddress(node.text("businfo"));
      Reader settings = node.object("configuration");
      adapters.add(
          new Hardware.Adapter(
              name,
              Placeholders.meaningful(named.text("vendor")),
              Placeholders.meaningful(named.text("product")),
              settings.text("driver"),
              settings.text("driverversion"),
              Placeholders.meaningful(settings.text("firmware")),
              settings.has("link") ? (Boolean) "yes".equals(settings.text("link")) : null,
              speed(settings.text("speed")),
              megabits(node.number("capacity", 0)),
              settings.text("duplex"),
              pci != null || above == null ? pci : Lshw.pciAddress(above.text("businfo")),
              neighbours.get(name)));
    });
    return adapters;
  }

  private static @Nullable Integer speed(@Nullable String text) {
    Matcher speed = SPEED.matcher(text == null ? "" : text);
    return speed.matches()
        ? (Integer) (Integer.parseInt(speed.group(1)) * (speed.group(2).equals("G") ? 1000 : 1))
        : null;
  }

  private static @Nullable Integer megabits(long bits) {
    long mega = bits / 1_000_000;
    return mega > 0 && mega <= Integer.MAX_VALUE ? (Integer) (int) mega : null;
  }
}
