package io.kindling.inventory;

import io.kindling.inventory.facts.Facts;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A machine, as the inventory knows it. Immutable; changed only through [NodeStore].
///
/// @param id random, made at discovery, for life
/// @param name the operator's name, else `node-XXXXXX` from the boot NIC; unique
/// @param labels the operator's labels
/// @param state where it stands
/// @param stage what it is doing or was doing when it failed (a task's name), null where nothing
/// @param reason why it is in `error` or `quarantined`, in words, with the error's id
/// @param macs the permanent addresses that identify it
/// @param bootMac the NIC of its last boot
/// @param uuid the system UUID where it counts as evidence
/// @param assignment what was decided for it, from `assigned` on
/// @param facts the last report, null for a node only declared by an operator
/// @param version counts changes; an update of an older version is refused
public record Node(
    UUID id,
    String name,
    Set<String> labels,
    NodeState state,
    @Nullable String stage,
    @Nullable String reason,
    Set<String> macs,
    @Nullable String bootMac,
    @Nullable String uuid,
    @Nullable Assignment assignment,
    @Nullable Facts facts,
    Instant discovered,
    Instant reported,
    long version) {

  public Node {
    labels = Set.copyOf(labels);
    macs = Set.copyOf(macs);
  }

  /// The /etc/machine-id of an `existing` machine: one that had its operating system before it was
  /// known. Null for machines that Kindling installs.
  public @Nullable String machineId() {
    Facts.Existing existing = facts == null ? null : facts.agent().existing();
    return existing == null ? null : existing.machineId();
  }

  public Node withState(NodeState state, @Nullable String stage, @Nullable String reason) {
    return new Node(
        id,
        name,
        labels,
        state,
        stage,
        reason,
        macs,
        bootMac,
        uuid,
        assignment,
        facts,
        discovered,
        reported,
        version);
  }

  public Node withAssignment(@Nullable Assignment assignment) {
    return new Node(
        id,
        name,
        labels,
        state,
        stage,
        reason,
        macs,
        bootMac,
        uuid,
        assignment,
        facts,
        discovered,
        reported,
        version);
  }

  public Node withName(String name) {
    return new Node(
        id,
        name,
        labels,
        state,
        stage,
        reason,
        macs,
        bootMac,
        uuid,
        assignment,
        facts,
        discovered,
        reported,
        version);
  }

  public Node withLabels(Set<String> labels) {
    return new Node(
        id,
        name,
        labels,
        state,
        stage,
        reason,
        macs,
        bootMac,
        uuid,
        assignment,
        facts,
        discovered,
        reported,
        version);
  }

  /// The node after a report: what identifies it, where it booted from, its hardware.
  public Node withReport(
      Set<String> macs,
      @Nullable String bootMac,
      @Nullable String uuid,
      @Nullable Facts facts,
      Instant reported) {
    return new Node(
        id,
        name,
        labels,
        state,
        stage,
        reason,
        macs,
        bootMac,
        uuid,
        assignment,
        facts,
        discovered,
        reported,
        version);
  }

  Node withUuid(@Nullable String uuid) {
    return withReport(macs, bootMac, uuid, facts, reported);
  }

  /// The same node as the store counts it.
  public Node withVersion(long version) {
    return new Node(
        id,
        name,
        labels,
        state,
        stage,
        reason,
        macs,
        bootMac,
        uuid,
        assignment,
        facts,
        discovered,
        reported,
        version);
  }
}
