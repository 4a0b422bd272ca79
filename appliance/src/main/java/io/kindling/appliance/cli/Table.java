package io.kindling.appliance.cli;

import io.kindling.appliance.console.Visible;
import java.util.ArrayList;
import java.util.List;

/// Text in aligned columns, two blanks apart. Not thread-safe.
final class Table {

  private final List<List<String>> rows = new ArrayList<>();

  Table(String... heads) {
    rows.add(List.of(heads));
  }

  /// A row; each cell becomes one harmless line, an empty one a dash.
  void row(String... cells) {
    var row = new ArrayList<String>();
    for (String cell : cells) {
      row.add(cell.isEmpty() ? "-" : Visible.line(cell));
    }
    rows.add(row);
  }

  /// The table's lines, without blanks at their ends.
  String render() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] width = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        width[i] = Math.max(width[i], length(row.get(i)));
      }
    }
    var text = new StringBuilder();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i)).append(" ".repeat(width[i] - length(row.get(i)) + 2));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
