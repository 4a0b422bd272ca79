package io.kindling.inventory.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/// One commit of leases as bytes: the addresses dropped, then the rows put, each with its count
/// before it.
final class LeaseRecord {

  private LeaseRecord() {}

  static byte[] of(Collection<LeaseTable.Row> put, Collection<String> drop) {
    var bytes = new ByteArrayOutputStream(8 + 48 * put.size() + 16 * drop.size());
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(drop.size());
      for (String address : drop) {
        out.writeUTF(address);
      }
      out.writeInt(put.size());
      for (LeaseTable.Row row : put) {
        out.writeUTF(row.mac());
        out.writeUTF(row.address());
        out.writeLong(ChronoUnit.MICROS.between(Instant.EPOCH, row.expires()));
        out.writeBoolean(row.declined());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory has no such trouble
    }
    return bytes.toByteArray();
  }

  /// Reads a record over what is known by address.
  static void read(byte[] record, Map<String, Optional<LeaseTable.Row>> into) {
    try (var in = new DataInputStream(new ByteArrayInputStream(record))) {
      for (int i = in.readInt(); i > 0; i--) {
        into.put(in.readUTF(), Optional.empty());
      }
      for (int i = in.readInt(); i > 0; i--) {
        String mac = in.readUTF();
        String address = in.readUTF();
        Instant expires = Instant.EPOCH.plus(in.readLong(), ChronoUnit.MICROS);
        into.put(address, Optional.of(new LeaseTable.Row(mac, address, expires, in.readBoolean())));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // its checksum was right
    }
  }

  /// The same without the bytes.
  static void apply(
      Collection<LeaseTable.Row> put,
      Collection<String> drop,
      Map<String, Optional<LeaseTable.Row>> into) {
    drop.forEach(address -> into.put(address, Optional.empty()));
    put.forEach(row -> into.put(row.address(), Optional.of(row)));
  }
}
