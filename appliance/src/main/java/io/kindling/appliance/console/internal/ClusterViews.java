package io.kindling.appliance.console.internal;

import io.kindling.appliance.deploy.Designs.NodeDesign;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A cluster's design for the templates: every key is there. Pure.
public final class ClusterViews {

  /// Role → what it does; the order in which they are offered.
  private static final Map<String, String> ROLES = new LinkedHashMap<>();

  static {
    ROLES.put("controller", "OpenStack’s services and database");
    ROLES.put("compute", "virtual machines");
    ROLES.put("ceph-mon", "Ceph’s monitors and managers");
    ROLES.put("ceph-osd", "Ceph’s storage: one OSD for each drive");
    ROLES.put("ceph-rgw", "S3, object storage");
    ROLES.put("cinder-lvm", "volumes on LVM");
    ROLES.put("base", "the operating system alone");
  }

  /// Notes, and rules without a machine, that a page shows.
  private static final int NOTES = 20;

  private static final Map<String, String> KINDS =
      Map.of("ceph", "osd", "cephjournal", "journal", "os", "system", "cinder", "lvm");

  private ClusterViews() {}

  /// @param design as the API shows it, with the nodes of one page
  /// @param all every node there is, for what is counted
  public static Map<String, Object> of(Map<String, Object> design, List<NodeDesign> all) {
    List<Map<String, Object>> nodes =
        Values.maps(design, "nodes").stream().map(ClusterViews::node).toList();
    var view = new LinkedHashMap<String, Object>();
    view.put("applied", Values.flag(design, "applied"));
    view.put("name", Values.text(design, "name"));
    view.put("release", Values.text(design, "release"));
    view.put("storage", storage(Values.map(design, "storage")));
    view.put("nodes", nodes);
    List<String> waiting = Values.texts(design, "waiting");
    view.put("waiting", waiting.subList(0, Math.min(waiting.size(), NOTES)));
    view.put("moreWaiting", Math.max(0, waiting.size() - NOTES));
    view.put("roles", roles(all));
    List<Map<String, Object>> notes = Values.maps(design, "notes");
    view.put("moreNotes", Math.max(0, notes.size() - NOTES));
    view.put(
        "notes",
        notes.stream()
            // What concerns all of them comes before what concerns one.
            .sorted(Comparator.comparing(n -> Values.text(n, "node").isEmpty() ? 0 : 1))
            .limit(NOTES)
            .map(n -> Map.of("level", Values.text(n, "level"), "text", Values.text(n, "text")))
            .toList());
    view.put(
        "erased", nodes.stream().filter(n -> Values.number(n, "erased").orElse(0) > 0).toList());
    view.put("erasedDisks", all.stream().mapToLong(NodeDesign::erased).sum());
    view.put("erasedNodes", all.stream().filter(n -> n.erased() > 0).count());
    return view;
  }

  private static Map<String, Object> storage(Map<String, Object> storage) {
    List<String> volumes = Values.texts(storage, "volumes");
    var view = new LinkedHashMap<String, Object>();
    view.put("images", or(Values.text(storage, "images"), "ceph"));
    view.put("ceph", storage.isEmpty() || volumes.contains("ceph"));
    view.put("lvm", volumes.contains("lvm"));
    view.put("ephemeral", or(Values.text(storage, "ephemeral"), "ceph"));
    view.put("objects", or(Values.text(storage, "objects"), "ceph"));
    view.put("replicas", Values.number(storage, "replicas").orElse(3));
    return view;
  }

  private static String or(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }

  private static List<Map<String, Object>> roles(List<NodeDesign> nodes) {
    var views = new ArrayList<Map<String, Object>>();
    ROLES.forEach((role, text) ->
        views.add(
            Map.of(
                "role",
                role,
                "text",
                text,
                "count",
                nodes.stream().filter(n -> n.roles().contains(role)).count())));
    return views;
  }

  /// A node with its disks.
  public static Map<String, Object> node(Map<String, Object> node) {
    var view = new LinkedHashMap<String, Object>();
    String name = Values.text(node, "name");
    view.put("id", Values.text(node, "id"));
    view.put("name", name);
    view.put("key", URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20"));
    view.put("state", Values.text(node, "state"));
    view.put("editable", Values.flag(node, "editable"));
    view.put("roles", Values.texts(node, "roles"));
    view.put("rule", Values.text(node, "rule"));
    view.put("error", Values.text(node, "error"));
    view.put("alike", Values.texts(node, "alike"));
    List<Map<String, Object>> kinds = Values.maps(node, "volumes");
    view.put(
        "legend",
        kinds.stream()
            .map(k -> Map.of("volume", Values.text(k, "id"), "label", Values.text(k, "label")))
            .toList());
    List<Map<String, Object>> disks =
        Values.maps(node, "disks").stream().map(d -> disk(d, kinds)).toList();
    view.put("disks", disks);
    view.put("count", disks.size());
    view.put("erased", disks.stream().filter(d -> Values.flag(d, "erased")).count());
    view.put("osds", count(disks, "ceph"));
    view.put("journals", count(disks, "cephjournal"));
    long mib = Values.maps(node, "disks").stream().mapToLong(d -> mib(d, "sizeMib")).sum();
    view.put("size", mib == 0 ? "" : Words.size(mib << 20));
    return view;
  }

  private static long count(List<Map<String, Object>> disks, String volume) {
    return disks.stream()
        .flatMap(d -> Values.maps(d, "parts").stream())
        .filter(p -> Values.text(p, "volume").equals(volume))
        .count();
  }

  private static long mib(Map<String, Object> map, String key) {
    return Values.number(map, key).orElse(0);
  }

  private static Map<String, Object> disk(
      Map<String, Object> disk, List<Map<String, Object>> kinds) {
    long size = mib(disk, "sizeMib");
    long service = mib(disk, "serviceMib");
    List<Map<String, Object>> volumes = Values.maps(disk, "volumes");
    var view = new LinkedHashMap<String, Object>();
    view.put("id", Values.text(disk, "id"));
    view.put("name", Values.text(disk, "name"));
    view.put("model", Values.text(disk, "model"));
    view.put("media", Values.text(disk, "media"));
    view.put("sizeMib", size);
    view.put("size", Words.size(size << 20));
    view.put("serviceMib", service);
    view.put("erased", Values.flag(disk, "erased"));
    view.put("lost", Values.texts(disk, "lost"));
    view.put("untouched", Values.flag(disk, "untouched"));
    view.put("keep", Values.texts(disk, "keep"));
    view.put("spare", mib(disk, "spare"));
    view.put("serves", Values.texts(disk, "serves"));
    view.put("journal", Values.text(disk, "journal"));
    view.put("parts", parts(volumes, service, size));
    // Of a disk's volumes the largest is said to take the rest.
    String rest =
        volumes.stream()
            .max(Comparator.comparingLong(v -> mib(v, "sizeMib")))
            .map(v -> Values.text(v, "volume"))
            .orElse("");
    var uses = new ArrayList<Map<String, Object>>();
    for (Map<String, Object> kind : kinds) {
      String id = Values.text(kind, "id");
      Map<String, Object> own =
          volumes.stream()
              .filter(v -> Values.text(v, "volume").equals(id))
              .findFirst()
              .orElse(Map.of());
      uses.add(
          Map.of(
              "volume", id,
              "label", Values.text(kind, "label"),
              "kind", KINDS.getOrDefault(id, "other"),
              "minimumMib", mib(kind, "minimumMib"),
              "used", !own.isEmpty(),
              "mirror", Values.flag(own, "mirror"),
              "sizeMib", mib(own, "sizeMib"),
              "rest", id.equals(rest)));
    }
    view.put("uses", uses);
    return view;
  }

  /// Places in a bar of 1000.
  private static List<Map<String, Object>> parts(
      List<Map<String, Object>> volumes, long service, long size) {
    var views = new ArrayList<Map<String, Object>>();
    long at = service;
    for (Map<String, Object> volume : volumes) {
      long mib = mib(volume, "sizeMib");
      String id = Values.text(volume, "volume");
      views.add(
          Map.of(
              "volume",
              id,
              "kind",
              KINDS.getOrDefault(id, "other"),
              "title",
              id + " " + Words.size(mib << 20),
              "x",
              size == 0 ? 0 : at * 1000 / size,
              "w",
              size == 0 ? 0 : Math.max(4, mib * 1000 / size)));
      at += mib;
    }
    return views;
  }
}
