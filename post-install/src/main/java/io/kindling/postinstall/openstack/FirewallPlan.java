package io.kindling.postinstall.openstack;

import io.kindling.postinstall.InstallPlan.PackageSource;
import io.kindling.postinstall.ceph.PackageSources;
import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.EngineError;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Folder;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Packages;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.engine.NamedError;
import io.kindling.postinstall.engine.Scope;
import io.kindling.postinstall.openstack.Firewall.Member;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The firewall's own phase, before all others: a host that comes to the cluster is known to those
/// that are there before it speaks to them. Pure.
public final class FirewallPlan {

  /// The phase's name in outcomes and logs.
  public static final String PHASE = "firewall";

  /// What asks and loads, on each host.
  public static final String PROGRAM = "/usr/local/lib/kindling/firewall";

  private static final String UNIT = "kindling-firewall.service";

  private FirewallPlan() {}

  /// A host whose rules cannot be loaded holds nobody up: the phases after this one say more of it.
  ///
  /// @param packages where hosts get packages; null leaves them what they have
  public static Graph of(Firewall firewall, @Nullable PackageSource packages) {
    List<String> names = firewall.members().stream().map(Member::name).toList();
    GraphTask rules =
        GraphTask.of(
            "rules",
            "what each host publishes",
            Scope.parallel(names),
            host ->
                items(firewall, java.util.Objects.requireNonNull(firewall.member(host)), packages));
    var errors = new ArrayList<NamedError>(List.of(EngineError.values()));
    errors.addAll(List.of(OpenStackError.values()));
    return new Graph(PHASE, List.of(rules.mayFail(names.size() - 1)), errors);
  }

  private static List<Item> items(
      Firewall firewall, Member member, @Nullable PackageSource packages) {
    var items = new ArrayList<Item>();
    if (packages != null) {
      items.addAll(PackageSources.only(packages));
    }
    items.add(new Packages(List.of("nftables")));
    items.add(OpenStackFiles.program(PROGRAM, "firewall.sh"));
    items.add(new Folder(FirewallRules.OWN, "root", "root", "0755"));
    items.add(ManagedFile.of(FirewallRules.FILE, FirewallRules.of(firewall, member)));
    items.add(
        ManagedFile.of(
            "/etc/systemd/system/" + UNIT,
            OpenStackFiles.OURS
                + """
                [Unit]
                Description=What this host publishes
                Documentation=man:nft(8)
                DefaultDependencies=no
                Wants=network-pre.target
                Before=network-pre.target shutdown.target
                After=local-fs.target nftables.service
                Conflicts=shutdown.target
                [Service]
                Type=oneshot
                RemainAfterExit=yes
                ExecStart=%1$s load
                ExecReload=%1$s load
                [Install]
                WantedBy=sysinit.target
                """
                    .formatted(PROGRAM)));
    items.add(Unit.running(UNIT));
    items.add(
        new Action(
            "the rules are loaded",
            Command.of(PROGRAM, "check"),
            List.of(Command.of(PROGRAM, "load"))));
    return items;
  }
}
