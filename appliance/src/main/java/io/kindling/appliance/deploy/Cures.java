package io.kindling.appliance.deploy;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.power.PowerError;
import io.kindling.ksgen.LayoutError;
import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.ceph.CephError;
import io.kindling.postinstall.engine.EngineError;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What to do about an error, by its id. Immutable.
final class Cures {
  private static final Pattern ID = Pattern.compile("[A-Z]{3}-[0-9]{3}");

  private final Map<String, String> byId = new HashMap<>();

  Cures() {
    for (ApplianceError e : ApplianceError.values()) {
      byId.put(e.id(), e.cure());
    }
    for (InstallError e : InstallError.values()) {
      byId.put(e.id(), e.cure());
    }
    for (LayoutError e : LayoutError.values()) {
      byId.put(e.id(), e.cure());
    }
    for (EngineError e : EngineError.values()) {
      byId.put(e.id(), e.cure());
    }
    for (CephError e : CephError.values()) {
      byId.put(e.id(), e.cure());
    }
    for (PowerError e : PowerError.values()) {
      byId.put(e.id(), e.cure());
    }
  }

  /// The cure of the first error that a reason names; empty where it names none, or says it
  /// already.
  String of(String reason) {
    Matcher id = ID.matcher(reason);
    String cure = id.find() ? byId.getOrDefault(id.group(), "") : "";
    return reason.contains(cure) ? "" : cure;
  }
}
