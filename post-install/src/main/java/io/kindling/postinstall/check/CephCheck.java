package io.kindling.postinstall.check;

import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Gateway;
import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.ceph.CephModel.Vip;
import io.kindling.postinstall.check.CheckReport.Row;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/// Looks at all nodes at once, then at the cluster from a monitor host: health, quorum, OSDs
/// against the plan, networks really used, every service's key on every pool, a write and a read
/// through RBD, clocks, S3. What it writes is removed again. Thread-safe; one look at a cluster at
/// a time, for what it writes has fixed names.
public final class CephCheck {

  private static final Duration NODE_LIMIT = Duration.ofMinutes(2);
  private static final Duration CLUSTER_LIMIT = Duration.ofMinutes(10);

  private final Asking asking;

  public CephCheck(SshConnector connector) {
    this.asking = new Asking(connector);
  }

  /// @throws InterruptedException when the thread is interrupted
  public CheckReport run(CephModel model) throws InterruptedException {
    var rows = new ArrayList<Row>();
    var answered = new ArrayList<NodeCheck>();
    for (Map.Entry<NodeCheck, String> looked : nodes(model).entrySet()) {
      NodeCheck check = looked.getKey();
      String trouble = looked.getValue();
      String name = check.node().name();
      rows.add(Row.same("nodes", name, "answers", trouble, CheckError.UNREACHABLE));
      if (trouble.equals("answers")) {
        answered.add(check);
        rows.addAll(check.rows());
      }
    }
    rows.addAll(vips(model, answered));
    List<Node> monitors =
        answered.stream().map(NodeCheck::node).filter(n -> n.parts().contains(Part.MON)).toList();
    if (monitors.isEmpty()) {
      rows.add(
          Row.of("cluster", "cluster", "answers", "no monitor host answers", CheckError.NO_ANSWER));
    } else {
      rows.addAll(cluster(monitors.getFirst().host(), ClusterCheck.plan(model, answered)));
    }
    return new CheckReport(rows);
  }

  /// Each node with `answers`, or why it does not.
  private Map<NodeCheck, String> nodes(CephModel model) throws InterruptedException {
    var looks = new LinkedHashMap<NodeCheck, Future<String>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Node node : model.nodes()) {
        var check = new NodeCheck(model, node);
        String text = Resources.text(CephCheck.class, "node-check.sh");
        Script script = Script.of(text, check.questions().toArray(String[]::new));
        looks.put(
            check, threads.submit(() -> asking.run(node.host(), script, check::line, NODE_LIMIT)));
      }
      var said = new LinkedHashMap<NodeCheck, String>();
      for (Map.Entry<NodeCheck, Future<String>> look : looks.entrySet()) {
        said.put(look.getKey(), look.getValue().get());
      }
      return said;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private List<Row> cluster(Host monitor, String plan) throws InterruptedException {
    var check = new Answers();
    String how =
        asking.run(monitor, Asking.program("ceph-check.py", plan), check::line, CLUSTER_LIMIT);
    return check.rows("cluster", how, CheckError.NO_ANSWER);
  }

  private static List<Row> vips(CephModel model, List<NodeCheck> answered) {
    Gateway gateway = model.gateway();
    var rows = new ArrayList<Row>();
    for (Vip vip : gateway == null ? List.<Vip>of() : gateway.vips()) {
      List<String> holders =
          answered.stream().filter(c -> c.holds(vip)).map(c -> c.node().name()).toList();
      rows.add(
          Row.of(
              "vips",
              vip.address(),
              "on one host",
              holders.isEmpty()
                  ? "on no host"
                  : "on " + holders.stream().collect(Collectors.joining(", ")),
              holders.size() == 1 ? null : CheckError.VIP));
    }
    return rows;
  }
}
