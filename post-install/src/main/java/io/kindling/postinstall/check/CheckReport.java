package io.kindling.postinstall.check;

import io.kindling.postinstall.engine.Finding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that was looked at, as it is to be and as it is. Immutable.
public record CheckReport(List<Row> rows) {

  public CheckReport {
    rows = List.copyOf(rows);
  }

  /// @param check what was looked at: `osds`, `access`, `data` …
  /// @param subject of what: `osd.3`, `client.glance on images`, a node
  /// @param finding null where it is as expected
  /// @param seconds it took; null where that says nothing
  public record Row(
      String check,
      String subject,
      String expected,
      String actual,
      @Nullable Finding finding,
      @Nullable Double seconds) {

    static Row of(
        String check, String subject, String expected, String actual, @Nullable CheckError error) {
      return new Row(
          check,
          subject,
          expected,
          actual,
          error == null
              ? null
              : Finding.of(error, "%s: %s, expected %s.".formatted(subject, actual, expected)),
          null);
    }

    Row within(@Nullable Double time) {
      return new Row(check, subject, expected, actual, finding, time);
    }

    /// As expected where both are the same.
    static Row same(
        String check, String subject, String expected, String actual, CheckError error) {
      return of(check, subject, expected, actual, expected.equals(actual) ? null : error);
    }
  }

  /// Nothing is wrong.
  public boolean good() {
    return rows.stream().allMatch(row -> row.finding() == null);
  }

  public List<Row> findings() {
    return rows.stream().filter(row -> row.finding() != null).toList();
  }
}
