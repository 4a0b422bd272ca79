package io.kindling.postinstall.net;

import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.net.NetPlan.Lane;
import io.kindling.postinstall.net.NetPlan.Network;
import io.kindling.postinstall.net.NetPlan.Node;
import io.kindling.postinstall.ssh.Script;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/// Who probes what: the plan as each node is given it. Pure. Nobody is told whom to greet: every
/// port announces itself by broadcast, and whoever hears it answers to it with frames of both
/// sizes, so what a node is given does not grow with the cluster.
final class NetQuestions {

  /// Of the ports on a network where the appliance lends addresses, only so many ask for one: an
  /// offer takes an address out of the pool for a while, and all hear it.
  static final int DHCP_CLIENTS = 3;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LINE = 76;
  private static final Pattern ADDRESS = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

  private NetQuestions() {}

  /// @param run eight hexadecimal digits: what this run's frames are known by
  /// @param seconds how long ports are probed
  /// @param wait how long a node waits for the others, in seconds
  static Script script(NetPlan plan, Node node, String run, double seconds, int wait) {
    return Script.of(
        Resources.text(NetQuestions.class, "net-probe.sh").stripTrailing()
            + " 3<<'KINDLING-PROGRAM' 4<<'KINDLING-PLAN'\n"
            + Resources.text(NetQuestions.class, "net-frames.py")
            + Resources.text(NetQuestions.class, "net-devices.py")
            + Resources.text(NetQuestions.class, "net-probe.py")
            + "KINDLING-PROGRAM\n"
            // Base64 holds nothing that a shell or a here-document takes for its own.
            + Base64.getMimeEncoder(LINE, new byte[] {'\n'})
                .encodeToString(
                    JSON.writeValueAsString(of(plan, node, run, seconds, wait))
                        .getBytes(StandardCharsets.UTF_8))
            + "\nKINDLING-PLAN\n");
  }

  static Map<String, Object> of(NetPlan plan, Node node, String run, double seconds, int wait) {
    var told = new LinkedHashMap<String, Object>();
    told.put("run", run);
    told.put("seconds", seconds);
    told.put("wait", wait);
    told.put("change", node.change());
    told.put("dns", plan.dns().stream().filter(NetQuestions::isAddress).toList());
    told.put("ntp", plan.ntp().stream().filter(NetQuestions::isAddress).toList());
    told.put("ntpNames", plan.ntp().stream().filter(n -> !isAddress(n)).toList());
    told.put("lanes", node.lanes().stream().map(lane -> of(plan, lane)).toList());
    return told;
  }

  private static Map<String, Object> of(NetPlan plan, Lane lane) {
    Network network = plan.network(lane.network());
    var told = new LinkedHashMap<String, Object>();
    told.put("id", lane.id());
    told.put("mac", lane.mac());
    told.put("device", lane.device());
    told.put("vlan", lane.device() == null ? network.vlan() : 0);
    told.put("ip", lane.address());
    told.put("prefix", lane.prefix());
    told.put("mtu", network.mtu());
    told.put("gateway", network.gateway());
    told.put("default", lane.standard());
    told.put("vips", network.vips());
    told.put("dhcp", asksForDhcp(plan, network, lane));
    return told;
  }

  private static boolean asksForDhcp(NetPlan plan, Network network, Lane lane) {
    if (!(network.dhcp() instanceof NetPlan.Dhcp.Appliance)) {
      return true;
    }
    List<Integer> all = new ArrayList<>();
    for (Node node : plan.nodes()) {
      node.lanes().stream()
          .filter(l -> l.network().equals(network.name()))
          .forEach(l -> all.add(l.id()));
    }
    return all.indexOf(lane.id()) < DHCP_CLIENTS;
  }

  private static boolean isAddress(String server) {
    return ADDRESS.matcher(server).matches();
  }
}
