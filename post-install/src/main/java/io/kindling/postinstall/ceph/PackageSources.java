package io.kindling.postinstall.ceph;

import io.kindling.postinstall.InstallPlan.PackageSource;
import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.internal.AptSource;
import java.util.List;

/// What makes the appliance's mirror a node's only source of packages, also on a machine that came
/// with its own system. Pure.
public final class PackageSources {
  private static final String PROGRAM = "/usr/local/lib/kindling/only-source";

  private PackageSources() {}

  public static List<Item> only(PackageSource source) {
    return List.of(
        ManagedFile.of(AptSource.KEY, source.key()),
        ManagedFile.of(AptSource.LIST, AptSource.list(source)),
        CephFiles.program(PROGRAM, "only-source.sh"),
        new Action(
            "no other source of packages",
            Command.of(PROGRAM, "check", AptSource.LIST),
            List.of(Command.of(PROGRAM, "apply", AptSource.LIST))));
  }
}
