package io.kindling.postinstall.check;

import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Gateway;
import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.ceph.CephModel.Vip;
import io.kindling.postinstall.ceph.CephPlan;
import io.kindling.postinstall.check.CheckReport.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What is asked of one node (`node-check.sh`), and what its answers mean. Pure.
final class NodeCheck {

  /// As much as monitors bear (`mon_clock_drift_allowed`).
  private static final double CLOCK_SECONDS = 0.05;

  private static final String MARK = "KINDLING-CHECK ";

  private final CephModel model;
  private final Node node;
  private final Map<String, String> answers = new TreeMap<>();

  NodeCheck(CephModel model, Node node) {
    this.model = model;
    this.node = node;
  }

  Node node() {
    return node;
  }

  /// The script's arguments: what, of what, and so on.
  List<String> questions() {
    var asked = new ArrayList<>(List.of("clock", "-"));
    units().forEach(unit -> asked.addAll(List.of("unit", unit)));
    node.osds().forEach(osd -> asked.addAll(List.of("osd", osd.partition().toString())));
    if (isGateway()) {
      vips().forEach(vip -> asked.addAll(List.of("vip", vip.address())));
      urls().keySet().forEach(url -> asked.addAll(List.of("url", url)));
    }
    return asked;
  }

  /// Takes a line of the script's output.
  synchronized void line(String line) {
    if (line.startsWith(MARK)) {
      String[] words = line.substring(MARK.length()).split(" ", 3);
      if (words.length == 3) {
        answers.put(words[0] + " " + words[1], words[2].strip());
      }
    }
  }

  /// All but the OSDs' partitions, which the cluster has its say in.
  synchronized List<Row> rows() {
    var rows = new ArrayList<Row>();
    rows.add(clock(answer("clock -")));
    for (String unit : units()) {
      rows.add(
          Row.same(
              "units",
              node.name() + " " + unit,
              "active",
              answer("unit " + unit),
              CheckError.UNIT));
    }
    for (Osd osd : node.osds()) {
      String expected = "an OSD, db " + db(osd);
      String said = answer("osd " + osd.partition());
      String actual =
          number(osd).isPresent() ? "an OSD, db " + said.substring(said.indexOf(' ') + 1) : said;
      rows.add(
          Row.same(
              "osds",
              node.name() + " partition " + osd.partition(),
              expected,
              actual,
              CheckError.OSD));
    }
    if (isGateway()) {
      urls()
          .forEach((url, what) ->
              rows.add(
                  Row.same(
                      "s3",
                      what + " from " + node.name(),
                      "answers",
                      answer("url " + url),
                      CheckError.S3)));
    }
    return rows;
  }

  /// The number of the OSD on that partition; empty where the node named none.
  synchronized OptionalInt number(Osd osd) {
    String said = answer("osd " + osd.partition());
    return said.matches("[0-9]{1,9} [0-9a-z-]+")
        ? OptionalInt.of(Integer.parseInt(said.substring(0, said.indexOf(' '))))
        : OptionalInt.empty();
  }

  synchronized boolean holds(Vip vip) {
    return answer("vip " + vip.address()).equals("here");
  }

  private boolean isGateway() {
    return node.parts().contains(Part.RGW);
  }

  private List<String> units() {
    var units = new ArrayList<>(List.of("chrony.service"));
    if (node.parts().contains(Part.MON)) {
      units.add("ceph-mon@" + node.name() + ".service");
    }
    if (node.parts().contains(Part.MGR)) {
      units.add("ceph-mgr@" + node.name() + ".service");
    }
    if (isGateway()) {
      units.add(CephPlan.gatewayUnit(node.name()));
      units.add("haproxy.service");
      if (!vips().isEmpty()) {
        units.add("keepalived.service");
      }
    }
    return units;
  }

  private List<Vip> vips() {
    Gateway gateway = model.gateway();
    return gateway == null ? List.of() : gateway.vips();
  }

  /// URL → what it is.
  private Map<String, String> urls() {
    var urls = new TreeMap<String, String>();
    model
        .s3Addresses(node)
        .forEach(address -> urls.put("http://" + address + "/swift/healthcheck", address));
    return urls;
  }

  private Row clock(String said) {
    @Nullable CheckError error = CheckError.CLOCK;
    String[] words = said.split(" ", 2);
    try {
      if (Math.abs(Double.parseDouble(words[0])) <= CLOCK_SECONDS
          && words.length == 2
          && !words[1].equals("Not synchronised")) {
        error = null;
      }
    } catch (NumberFormatException e) {
      // chronyc said something else, which the row shows
    }
    return Row.of("clocks", node.name(), "within 0.05 s of its source", said, error);
  }

  private static String db(Osd osd) {
    UUID db = osd.db();
    return db == null ? "none" : db.toString();
  }

  private String answer(String question) {
    return answers.getOrDefault(question, "no answer");
  }
}
