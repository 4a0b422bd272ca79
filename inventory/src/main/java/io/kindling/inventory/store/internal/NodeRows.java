package io.kindling.inventory.store.internal;

import io.kindling.inventory.Assignment;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.facts.Facts;
import io.kindling.inventory.facts.FactsParser;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/// The tables `nodes`, `node_macs`, `documents` and `parsed_facts`.
public final class NodeRows {
  private static final Logger LOG = LoggerFactory.getLogger(NodeRows.class);
  private static final TypeReference<List<String>> STRINGS = new TypeReference<>() {};
  private static final TypeReference<Assignment> ASSIGNMENT = new TypeReference<>() {};

  private static final String INSERT =
      "insert into nodes (name, claimed_name, labels, state, stage, reason, macs, boot_mac,"
          + " system_uuid, assignment, discovered, reported, version, id)"
          + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String UPDATE =
      "update nodes set name = ?, claimed_name = ?, labels = ?, state = ?, stage = ?, reason = ?,"
          + " macs = ?, boot_mac = ?, system_uuid = ?, assignment = ?, discovered = ?, reported ="
          + " ?, version = ? where id = ?";

  private final Rows rows = new Rows();
  private final FactsParser parser;

  public NodeRows(FactsParser parser) {
    this.parser = parser;
  }

  /// What the start found.
  ///
  /// @param reparsed nodes whose facts another parser had read: they are read again, and to be kept
  public record Loaded(List<Node> nodes, List<Node> reparsed) {}

  public Loaded load(Connection connection) throws SQLException {
    Map<UUID, Facts> kept = keptFacts(connection);
    var nodes = new ArrayList<Node>();
    var reparsed = new ArrayList<Node>();
    try (PreparedStatement select = connection.prepareStatement("select * from nodes");
        ResultSet found = select.executeQuery()) {
      while (found.next()) {
        UUID id = found.getObject("id", UUID.class);
        Facts facts = kept.get(id);
        if (facts == null) {
          facts = parsed(connection, id);
          if (facts != null) {
            reparsed.add(node(found, id, facts));
          }
        }
        nodes.add(node(found, id, facts));
      }
    }
    return new Loaded(nodes, reparsed);
  }

  private Node node(ResultSet row, UUID id, @Nullable Facts facts) throws SQLException {
    String assignment = row.getString("assignment");
    return new Node(
        id,
        row.getString("name"),
        Set.copyOf(rows.value(row.getString("labels"), STRINGS)),
        NodeState.valueOf(row.getString("state")),
        row.getString("stage"),
        row.getString("reason"),
        Set.copyOf(rows.value(row.getString("macs"), STRINGS)),
        row.getString("boot_mac"),
        row.getString("system_uuid"),
        assignment == null ? null : rows.value(assignment, ASSIGNMENT),
        facts,
        Rows.instant(row, "discovered"),
        Rows.instant(row, "reported"),
        row.getLong("version"));
  }

  /// Facts that a parser of this revision read. What cannot be understood is read from its
  /// document.
  private Map<UUID, Facts> keptFacts(Connection connection) throws SQLException {
    var parts = new HashMap<UUID, java.io.ByteArrayOutputStream>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select node, content from parsed_facts where revision = ? order by node, part")) {
      select.setInt(1, FactsParser.REVISION);
      try (ResultSet found = select.executeQuery()) {
        while (found.next()) {
          parts
              .computeIfAbsent(
                  found.getObject(1, UUID.class), k -> new java.io.ByteArrayOutputStream())
              .writeBytes(found.getBytes(2));
        }
      }
    }
    var facts = new HashMap<UUID, Facts>();
    for (var entry : parts.entrySet()) {
      try {
        facts.put(
            entry.getKey(), rows.value(Rows.inflate(entry.getValue().toByteArray()), Facts.class));
      } catch (JacksonException | SQLException e) {
        LOG.warn("Facts of node {} are read from its document again", entry.getKey(), e);
      }
    }
    return facts;
  }

  private @Nullable Facts parsed(Connection connection, UUID id) throws SQLException {
    Optional<byte[]> document = Rows.large(connection, "documents", id);
    if (document.isEmpty()) {
      return null;
    }
    return switch (parser.parse(document.get())) {
      case FactsParser.Parsed parsed -> parsed.facts();
      case FactsParser.Malformed bad -> {
        LOG.warn("The document of node {} can no longer be read: {}", id, bad.reason());
        yield null;
      }
    };
  }

  /// Inserts the node, or writes it over the row that it has.
  public void put(Connection connection, Node node, @Nullable Node before) throws SQLException {
    boolean removed = node.state() == NodeState.REMOVED;
    try (PreparedStatement put = connection.prepareStatement(before == null ? INSERT : UPDATE)) {
      put.setString(1, node.name());
      put.setString(2, removed ? null : node.name());
      put.setString(3, rows.json(new TreeSet<>(node.labels())));
      put.setString(4, node.state().name());
      put.setString(5, fit(node.stage(), 300));
      put.setString(6, fit(node.reason(), 4000));
      put.setString(7, rows.json(new TreeSet<>(node.macs())));
      put.setString(8, node.bootMac());
      put.setString(9, node.uuid());
      put.setString(10, node.assignment() == null ? null : rows.json(node.assignment()));
      put.setObject(11, Rows.time(node.discovered()));
      put.setObject(12, Rows.time(node.reported()));
      put.setLong(13, node.version());
      put.setObject(14, node.id());
      put.executeUpdate();
    }
    boolean claimsAsBefore =
        before != null
            && before.macs().equals(node.macs())
            && (before.state() == NodeState.REMOVED) == removed;
    if (!claimsAsBefore) {
      claim(connection, node.id(), removed ? Set.of() : node.macs());
    }
    if (node.facts() != null && (before == null || before.facts() != node.facts())) {
      putFacts(connection, node.id(), node.facts());
    }
  }

  public void putFacts(Connection connection, UUID id, Facts facts) throws SQLException {
    Rows.putLarge(connection, "parsed_facts", id, FactsParser.REVISION, rows.bytes(facts));
  }

  private static void claim(Connection connection, UUID id, Collection<String> macs)
      throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("delete from node_macs where node = ?")) {
      delete.setObject(1, id);
      delete.executeUpdate();
    }
    try (PreparedStatement insert =
        connection.prepareStatement("insert into node_macs (mac, node) values (?, ?)")) {
      for (String mac : macs) {
        insert.setString(1, mac);
        insert.setObject(2, id);
        insert.executeUpdate();
      }
    }
  }

  private static @Nullable String fit(@Nullable String text, int length) {
    return text == null ? null : Rows.fit(text, length);
  }
}
