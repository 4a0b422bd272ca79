package io.kindling.appliance.deploy;

import io.kindling.appliance.cluster.Cluster;
import io.kindling.appliance.deploy.Designs.NodeDesign;
import io.kindling.inventory.Role;
import io.kindling.postinstall.ceph.Redundancy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Conflicts and shortages of a design, told before anything is installed. Pure.
public final class DesignNotes {
  private DesignNotes() {}

  /// @param level `error`: it cannot be so; `warning`: it can, and one should know; `hint`: what to
  ///   do next
  /// @param node whom alone it concerns; empty where it concerns all
  public record Note(String level, String text, String node) {
    Note(String level, String text) {
      this(level, text, "");
    }
  }

  static List<Note> of(@Nullable Cluster cluster, List<NodeDesign> nodes) {
    var notes = new ArrayList<Note>();
    for (NodeDesign node : nodes) {
      if (!node.error().isEmpty()) {
        notes.add(new Note("error", node.name() + ": " + node.error(), node.name()));
      }
    }
    List<NodeDesign> used = nodes.stream().filter(n -> !n.roles().isEmpty()).toList();
    if (cluster == null || used.isEmpty()) {
      notes.add(new Note("hint", "No machine has a role yet: give the first ones theirs."));
      return notes;
    }
    ceph(cluster, used, notes);
    if (!with(used, Role.COMPUTE).isEmpty() && with(used, Role.CONTROLLER).isEmpty()) {
      notes.add(new Note("error", "There are compute nodes and no controller."));
    }
    if (cluster.storage().volumes().contains("lvm") && with(used, Role.CINDER_LVM).isEmpty()) {
      notes.add(new Note("warning", "Volumes are to lie on LVM too, and no node is cinder-lvm."));
    }
    long idle =
        nodes.stream().filter(n -> n.roles().isEmpty() && n.state().equals("discovered")).count();
    if (idle > 0) {
      notes.add(
          new Note("hint", idle + (idle == 1 ? " machine has" : " machines have") + " no role."));
    }
    return notes;
  }

  private static void ceph(Cluster cluster, List<NodeDesign> used, List<Note> notes) {
    List<NodeDesign> osdHosts = with(used, Role.CEPH_OSD);
    List<NodeDesign> named = with(used, Role.CEPH_MON);
    List<NodeDesign> monitors = named.isEmpty() ? with(used, Role.CONTROLLER) : named;
    if (osdHosts.isEmpty()) {
      if (!monitors.isEmpty()) {
        notes.add(new Note("warning", "No node is ceph-osd: there will be no Ceph cluster."));
      }
      return;
    }
    if (monitors.isEmpty()) {
      notes.add(
          new Note(
              "error",
              "There are OSDs and no monitor: make an odd number of nodes ceph-mon, or"
                  + " controller."));
    } else if (monitors.size() % 2 == 0) {
      notes.add(
          new Note(
              "warning",
              "%d monitors: an even number tolerates no more failures, so %s will be none."
                  .formatted(
                      monitors.size(),
                      monitors.stream()
                          .map(NodeDesign::name)
                          .max(java.util.Comparator.naturalOrder())
                          .orElseThrow())));
    }
    if (monitors.size() == 1 || monitors.size() == 2) {
      notes.add(
          new Note("warning", "One monitor: while its host is down the cluster stands still."));
    }
    List<Integer> osds = osdHosts.stream().map(NodeDesign::osds).filter(n -> n > 0).toList();
    if (!osds.isEmpty()) {
      Redundancy.of(cluster.storage().replicas(), osds)
          .warnings()
          .forEach(text -> notes.add(new Note("warning", text)));
    }
  }

  private static List<NodeDesign> with(List<NodeDesign> nodes, Role role) {
    return nodes.stream().filter(n -> n.roles().contains(role.label())).toList();
  }
}
