package io.kindling.postinstall.ceph;

import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.internal.Resources;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The files that phases manage on nodes. Pure.
final class CephFiles {

  static final String CONF = "/etc/ceph/ceph.conf";
  static final String ADMIN_KEYRING = "/etc/ceph/ceph.client.admin.keyring";
  static final String MON_KEYRING = "/var/lib/kindling/ceph/mon.keyring";
  static final String BOOTSTRAP_KEYRING = "/var/lib/ceph/bootstrap-osd/ceph.keyring";
  static final String BCRYPT = "/usr/share/ceph/mgr/bcrypt.py";
  static final String PROBE = "/usr/local/lib/kindling/ceph-probe";
  static final String OSD = "/usr/local/lib/kindling/osd";
  static final String MON_PRESENT = "/usr/local/lib/kindling/mon-present";
  static final String ANSWERS = "/usr/local/lib/kindling/answers";
  static final String NICS = "/usr/local/lib/kindling/nics";
  static final String S3_USER = "/usr/local/lib/kindling/s3-user";
  static final String HOME = "/var/lib/kindling/ceph";
  static final String SOURCES = "/etc/chrony/sources.d/kindling.sources";

  static final String OURS = "# Written by Kindling; changes by hand are undone.\n";

  private CephFiles() {}

  /// The same on every node: all monitors, the networks, the replication (man 5 ceph.conf).
  static ManagedFile conf(CephModel model) {
    var text = new StringBuilder(OURS);
    text.append("[global]\n");
    text.append("fsid = ").append(model.fsid()).append('\n');
    text.append("mon_initial_members = ")
        .append(String.join(",", model.names(Part.MON)))
        .append('\n');
    text.append("mon_host = ")
        .append(
            model.with(Part.MON).stream()
                .map(CephFiles::addresses)
                .collect(Collectors.joining(",")))
        .append('\n');
    text.append("public_network = ").append(model.publicNetwork()).append('\n');
    if (model.clusterNetwork() != null) {
      text.append("cluster_network = ").append(model.clusterNetwork()).append('\n');
    }
    text.append("auth_cluster_required = cephx\n");
    text.append("auth_service_required = cephx\n");
    text.append("auth_client_required = cephx\n");
    Redundancy redundancy = model.redundancy();
    text.append("osd_pool_default_size = ").append(redundancy.size()).append('\n');
    text.append("osd_pool_default_min_size = ").append(redundancy.minSize()).append('\n');
    text.append("osd_crush_chooseleaf_type = ")
        .append(redundancy.domain() == Redundancy.Domain.OSD ? 0 : 1)
        .append('\n');
    if (redundancy.size() == 1) {
      text.append("mon_allow_pool_size_one = true\n");
    }
    // restful, which is on by default, needs Python modules that ceph-mgr cannot load (bcrypt.py).
    text.append("mgr_initial_modules = iostat nfs\n");
    text.append("\n[mon]\nauth_allow_insecure_global_id_reclaim = false\n");
    return ManagedFile.of(CONF, text.toString());
  }

  /// A monitor's addresses in a monmap's form.
  static String addresses(Node node) {
    return "[v2:%1$s:3300,v1:%1$s:6789]".formatted(node.publicAddress());
  }

  static ManagedFile hosts(CephModel model) {
    var text = new StringBuilder(OURS);
    text.append("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
    for (Node node : model.nodes()) {
      text.append(node.host().address()).append(' ');
      if (model.domain() != null) {
        text.append(node.name()).append('.').append(model.domain()).append(' ');
      }
      text.append(node.name()).append('\n');
    }
    return ManagedFile.of("/etc/hosts", text.toString());
  }

  static ManagedFile timeSources(CephModel model) {
    return ManagedFile.of(
        SOURCES,
        model.timeServers().stream()
            .map(server -> "server " + server + " iburst\n")
            .collect(Collectors.joining("", OURS, "")));
  }

  /// What the first monitors know of users.
  static ManagedFile monKeyring(CephModel model) {
    var text = new StringBuilder();
    var secrets = new java.util.ArrayList<String>();
    entry(text, secrets, model, "mon.", Map.of("mon", "allow *"));
    entry(
        text,
        secrets,
        model,
        "client.admin",
        Map.of("mon", "allow *", "osd", "allow *", "mds", "allow *", "mgr", "allow *"));
    entry(
        text,
        secrets,
        model,
        "client.bootstrap-osd",
        Map.of("mon", "profile bootstrap-osd", "mgr", "allow r"));
    for (String mgr : model.names(Part.MGR)) {
      entry(text, secrets, model, "mgr." + mgr, MGR_CAPS);
    }
    return new ManagedFile(MON_KEYRING, "ceph", "ceph", "0600", text.toString(), secrets);
  }

  static final Map<String, String> MGR_CAPS =
      Map.of("mon", "allow profile mgr", "osd", "allow *", "mds", "allow *");

  /// A keyring with one key; its capabilities live in the monitors.
  static ManagedFile keyring(
      CephModel model, String entity, String path, String owner, String mode) {
    String key = model.key(entity);
    return new ManagedFile(
        path, owner, owner, mode, "[" + entity + "]\n\tkey = " + key + "\n", List.of(key));
  }

  /// The same with the user's capabilities: what `ceph auth import` makes of it, key and
  /// capabilities at once, whether it is there or not.
  static ManagedFile whole(CephModel model, CephModel.User user, String path) {
    var text = new StringBuilder();
    var secrets = new java.util.ArrayList<String>();
    entry(text, secrets, model, user.entity(), user.caps());
    return new ManagedFile(path, "root", "root", "0600", text.toString(), secrets);
  }

  static ManagedFile program(String path, String resource) {
    return ManagedFile.program(path, Resources.text(CephFiles.class, resource));
  }

  static ManagedFile file(String path, String resource) {
    return ManagedFile.of(path, Resources.text(CephFiles.class, resource));
  }

  private static void entry(
      StringBuilder text,
      List<String> secrets,
      CephModel model,
      String entity,
      Map<String, String> caps) {
    text.append('[').append(entity).append("]\n\tkey = ").append(model.key(entity)).append('\n');
    new java.util.TreeMap<>(caps)
        .forEach((type, cap) ->
            text.append("\tcaps ").append(type).append(" = \"").append(cap).append("\"\n"));
    secrets.add(model.key(entity));
  }
}
