package io.kindling.inventory.store.internal;

import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// How values stand in rows: instants in UTC to the microsecond (PostgreSQL's precision), lists and
/// maps as JSON, large values deflated and in parts. Thread-safe.
public final class Rows {

  private static final int PART = 512 << 10;

  /// Made at the first use: an appliance without nodes need not wait for it.
  private volatile @Nullable JsonMapper made;

  private JsonMapper mapper() {
    JsonMapper mapper = made;
    if (mapper == null) {
      mapper =
          JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
      made = mapper;
    }
    return mapper;
  }

  public static OffsetDateTime time(Instant instant) {
    return micros(instant).atOffset(ZoneOffset.UTC);
  }

  public static Instant micros(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MICROS);
  }

  public static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  /// At most so many characters, none of which PostgreSQL refuses.
  public static String fit(String text, int length) {
    String clean = text.replace('\0', '\uFFFD');
    if (clean.length() <= length) {
      return clean;
    }
    int end = Character.isHighSurrogate(clean.charAt(length - 1)) ? length - 1 : length;
    return clean.substring(0, end);
  }

  public String json(Object value) {
    return mapper().writeValueAsString(value);
  }

  public <T> T value(String json, TypeReference<T> type) {
    return mapper().readValue(json, type);
  }

  public byte[] bytes(Object value) {
    return mapper().writeValueAsBytes(value);
  }

  public <T> T value(byte[] json, Class<T> type) {
    return mapper().readValue(json, type);
  }

  /// Writes a large value over the node's old one.
  ///
  /// @param table `documents` or `parsed_facts`
  /// @param revision for tables that have this column, else -1
  public static void putLarge(
      Connection connection, String table, UUID node, int revision, byte[] content)
      throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("delete from " + table + " where node = ?")) {
      delete.setObject(1, node);
      delete.executeUpdate();
    }
    String sql =
        revision < 0
            ? "insert into " + table + " (node, part, content) values (?, ?, ?)"
            : "insert into " + table + " (node, part, content, revision) values (?, ?, ?, ?)";
    byte[] small = deflate(content);
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      for (int part = 0; part == 0 || part * PART < small.length; part++) {
        int from = part * PART;
        insert.setObject(1, node);
        insert.setInt(2, part);
        insert.setBytes(
            3, java.util.Arrays.copyOfRange(small, from, Math.min(small.length, from + PART)));
        if (revision >= 0) {
          insert.setInt(4, revision);
        }
        insert.executeUpdate();
      }
    }
  }

  /// Reads a node's large value.
  public static Optional<byte[]> large(Connection connection, String table, UUID node)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select content from " + table + " where node = ? order by part")) {
      select.setObject(1, node);
      var whole = new ByteArrayOutputStream();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          whole.writeBytes(rows.getBytes(1));
        }
      }
      return whole.size() == 0 ? Optional.empty() : Optional.of(inflate(whole.toByteArray()));
    }
  }

  /// Deflated at the fastest level: a discovery document becomes a tenth.
  public static byte[] deflate(byte[] content) {
    var deflater = new Deflater(Deflater.BEST_SPEED);
    try {
      deflater.setInput(content);
      deflater.finish();
      var out = new ByteArrayOutputStream(content.length / 8 + 64);
      byte[] buffer = new byte[16 << 10];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  /// The reverse.
  public static byte[] inflate(byte[] deflated) throws SQLException {
    var inflater = new Inflater();
    try {
      inflater.setInput(deflated);
      var out = new ByteArrayOutputStream(deflated.length * 8);
      byte[] buffer = new byte[64 << 10];
      while (!inflater.finished()) {
        int count = inflater.inflate(buffer);
        if (count == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw new SQLException("a kept document is cut");
        }
        out.write(buffer, 0, count);
      }
      return out.toByteArray();
    } catch (DataFormatException e) {
      throw new SQLException("a kept document is damaged", e);
    } finally {
      inflater.end();
    }
  }
}
