package io.kindling.postinstall.ceph;

import static io.kindling.postinstall.ceph.CephFiles.keyring;

import io.kindling.postinstall.ceph.CephModel.Gateway;
import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.ceph.CephModel.Vip;
import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Folder;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// RADOS Gateways, and before them HAProxy on each of their hosts; keepalived moves the virtual
/// addresses. Pure.
///
/// S3 client → virtual address:port, HAProxy → any gateway on Ceph's public network, port 7480.
final class CephGateways {

  /// Where a gateway listens, on Ceph's public network; Ceph's own default.
  static final int PORT = 7480;

  /// The S3 user that is made for the operator; its keys are the cluster's own.
  static final String FIRST_USER = "kindling";

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String HAPROXY = "/etc/haproxy/haproxy.cfg";
  private static final String KEEPALIVED = "/etc/keepalived/keepalived.conf";
  private static final String NICS = "/etc/keepalived/kindling-nics.conf";
  private static final String SYSCTL = "/etc/sysctl.d/60-kindling-vip.conf";

  /// Answered by a gateway without any storage behind it (doc/radosgw/config-ref).
  private static final String HEALTH = "/swift/healthcheck";

  private final CephModel model;
  private final Gateway gateway;

  CephGateways(CephModel model) {
    this.model = model;
    this.gateway = Objects.requireNonNull(model.gateway());
  }

  /// In the monitors' configuration database, for which a monitor host is needed.
  List<Item> settings() {
    var items = new ArrayList<Item>();
    for (Node node : model.with(Part.RGW)) {
      String who = CephModel.gatewayUser(node.name());
      String value = "beast endpoint=" + node.publicAddress() + ":" + PORT;
      items.add(CephPlan.setting(who, "rgw_frontends", value));
    }
    return items;
  }

  List<Item> gateway(Node node) {
    String user = CephModel.gatewayUser(node.name());
    String home = "/var/lib/ceph/radosgw/ceph-rgw." + node.name();
    return List.of(
        new Folder(home, "ceph", "ceph", "0750"),
        keyring(model, user, home + "/keyring", "ceph", "0600"),
        Unit.running(CephPlan.gatewayUnit(node.name()), home + "/keyring"),
        answers("gateway", node.publicAddress(), PORT));
  }

  List<Item> front(Node node) {
    var items = new ArrayList<Item>();
    if (!gateway.vips().isEmpty()) {
      // HAProxy listens on an address that is on another host most of the time.
      items.add(ManagedFile.of(SYSCTL, CephFiles.OURS + "net.ipv4.ip_nonlocal_bind = 1\n"));
      items.add(
          new Action(
              "net.ipv4.ip_nonlocal_bind = 1",
              Command.of("grep", "-qx", "1", "/proc/sys/net/ipv4/ip_nonlocal_bind"),
              List.of(Command.of("sysctl", "-q", "-p", SYSCTL))));
    }
    items.add(ManagedFile.of(HAPROXY, haproxy(node)));
    items.add(Unit.running("haproxy.service", HAPROXY));
    if (gateway.vips().isEmpty()) {
      items.add(answers("load balancer", node.host().address(), gateway.port()));
      return items;
    }
    List<String> own = gateway.vips().stream().map(vip -> own(vip, node)).toList();
    items.add(
        new Action("NICs of virtual addresses", nics("present", own), List.of(nics("write", own))));
    items.add(ManagedFile.of(KEEPALIVED, keepalived(node)));
    items.add(Unit.running("keepalived.service", KEEPALIVED, NICS));
    for (Vip vip : gateway.vips()) {
      items.add(answers("virtual address in " + vip.network(), vip.address(), gateway.port()));
    }
    return items;
  }

  List<Item> user() {
    return List.of(
        new Action(
            "S3 user " + FIRST_USER,
            Probe.ask("s3_user", FIRST_USER),
            List.of(Command.of(CephFiles.S3_USER, FIRST_USER))));
  }

  private static Gate answers(String what, String address, int port) {
    return new Gate(
        "%s answers at %s:%d".formatted(what, address, port),
        Command.of(CephFiles.ANSWERS, "http://%s:%d%s".formatted(address, port, HEALTH)),
        PATIENCE,
        CephError.GATEWAY);
  }

  private static Command nics(String verb, List<String> addresses) {
    var argv = new ArrayList<>(List.of(CephFiles.NICS, verb, NICS));
    argv.addAll(addresses);
    return new Command(argv);
  }

  private static String own(Vip vip, Node node) {
    return Objects.requireNonNull(vip.hosts().get(node.name()), node.name());
  }

  private String haproxy(Node node) {
    var text = new StringBuilder(CephFiles.OURS);
    text.append(
        """
        global
          log /dev/log local0
          user haproxy
          group haproxy
          stats socket /run/haproxy/admin.sock mode 660 level admin
        defaults
          log global
          mode http
          option httplog
          option dontlognull
          option redispatch
          retries 3
          timeout connect 5s
          timeout http-request 30s
          timeout http-keep-alive 30s
          timeout client 5m
          timeout server 5m
        frontend s3
        """);
    model.s3Addresses(node).forEach(address -> text.append("  bind ").append(address).append('\n'));
    text.append(
        """
          default_backend gateways
        backend gateways
          balance leastconn
          option forwardfor
          option httpchk GET %s
        """
            .formatted(HEALTH));
    for (Node each : model.with(Part.RGW)) {
      text.append(
          "  server %s %s:%d check inter 2s fall 2 rise 2\n"
              .formatted(each.name(), each.publicAddress(), PORT));
    }
    return text.toString();
  }

  /// VRRP by unicast: no multicast is needed of switches, and no other cluster's is heard. Nobody
  /// takes an address back that another one serves (`nopreempt`).
  private String keepalived(Node node) {
    List<String> names = model.names(Part.RGW);
    var text = new StringBuilder(CephFiles.OURS);
    text.append(
        """
        global_defs {
          router_id %s
          script_user root
          enable_script_security
        }
        include %s
        vrrp_script haproxy {
          script "/usr/bin/systemctl is-active --quiet haproxy.service"
          interval 2
          fall 2
          rise 2
        }
        """
            .formatted(node.name(), NICS));
    for (int i = 0; i < gateway.vips().size(); i++) {
      Vip vip = gateway.vips().get(i);
      text.append(
          """
          vrrp_instance %1$s {
            state BACKUP
            nopreempt
            interface $NIC_%2$d
            virtual_router_id %3$d
            priority %4$d
            advert_int 1
            unicast_src_ip %5$s
          """
              .formatted(
                  vip.network(), i, router(vip), 200 - names.indexOf(node.name()), own(vip, node)));
      if (names.size() > 1) {
        text.append("  unicast_peer {\n");
        names.stream()
            .filter(name -> !name.equals(node.name()))
            .forEach(name -> text.append("    ").append(vip.hosts().get(name)).append('\n'));
        text.append("  }\n");
      }
      text.append(
          """
            virtual_ipaddress {
              %s/%d dev $NIC_%d
            }
            track_script {
              haproxy
            }
          }
          """
              .formatted(vip.address(), vip.prefix(), i));
    }
    return text.toString();
  }

  /// VRRP's number of the router, 1 to 255 (RFC 5798 §5.2.3): the address's last part.
  private static int router(Vip vip) {
    int last = Integer.parseInt(vip.address().substring(vip.address().lastIndexOf('.') + 1));
    return last == 0 ? 255 : last;
  }
}
