package io.kindling.postinstall.ceph;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.ssh.Script;
import java.util.ArrayList;
import java.util.List;

/// The programs on nodes that plans for a Ceph cluster call. Pure.
public final class CephTools {
  private static final String NOREBALANCE = "kindling/norebalance";

  private CephTools() {}

  /// What monitor hosts have.
  public static Item probe() {
    return CephFiles.program(CephFiles.PROBE, "ceph-probe.py");
  }

  /// What hosts with OSDs have.
  public static Item osd() {
    return CephFiles.program(CephFiles.OSD, "osd.sh");
  }

  /// A question to the cluster, asked on a monitor host.
  public static Command ask(String... words) {
    return command(CephFiles.PROBE, words);
  }

  /// A word with the host's own OSDs.
  public static Command osd(String... words) {
    return command(CephFiles.OSD, words);
  }

  /// A question to the cluster, for a monitor host of any version: the program comes with it.
  public static Script askAlong(String... words) {
    String end = "KINDLING-PROBE";
    String program = Resources.text(CephFiles.class, "ceph-probe.py");
    return Script.of("exec python3 - \"$@\" <<'" + end + "'\n" + program + "\n" + end + "\n", words)
        .withSudo();
  }

  /// A word with the host's own OSDs, in the same way.
  public static Script osdAlong(String... words) {
    return Script.of(Resources.text(CephFiles.class, "osd.sh"), words).withSudo();
  }

  private static Command command(String program, String... words) {
    var argv = new ArrayList<>(List.of(program));
    argv.addAll(List.of(words));
    return new Command(argv);
  }

  /// Data move once, when every new OSD is there, not anew for each. A note in the cluster says
  /// whose flag that is.
  public static Item calm() {
    return calm(ask("calm"));
  }

  /// As [#calm], only where OSDs come to a cluster that has some.
  static Item calmWhereItGrows(int planned) {
    return calm(ask("grows_calmly", "" + planned));
  }

  private static Item calm(Command present) {
    return new Action(
        "norebalance",
        present,
        List.of(
            Command.of("ceph", "config-key", "set", NOREBALANCE, "set"),
            Command.of("ceph", "osd", "set", "norebalance")));
  }

  /// The end of [#calm]; an operator's own flag stays.
  public static Item release() {
    return new Action(
        "no norebalance of this appliance",
        ask("released"),
        List.of(
            Command.of("ceph", "osd", "unset", "norebalance"),
            Command.of("ceph", "config-key", "rm", NOREBALANCE)));
  }
}
