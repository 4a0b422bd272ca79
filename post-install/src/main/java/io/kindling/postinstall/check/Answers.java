package io.kindling.postinstall.check;

import io.kindling.postinstall.check.CheckReport.Row;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a check's program says on a host, line by line. Thread-safe.
final class Answers {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String MARK = "KINDLING-CHECK ";
  private static final String END = "KINDLING-CHECK-END";

  private final List<Row> rows = new ArrayList<>();
  private String last = "";
  private boolean ended;

  /// Takes a line of the program's output.
  synchronized void line(String line) {
    if (line.equals(END)) {
      ended = true;
    } else if (line.startsWith(MARK)) {
      row(line.substring(MARK.length()));
    } else if (!line.isBlank()) {
      last = line.strip();
    }
  }

  /// @param what was asked
  /// @param how the program ended, in words
  /// @param silent what it is called when it did not come to its end
  synchronized List<Row> rows(String what, String how, CheckError silent) {
    var all = new ArrayList<>(rows);
    if (!ended) {
      String said = last.isEmpty() ? how : last;
      all.add(Row.of(what, what, "answers to everything", said, silent));
    }
    return all;
  }

  private void row(String json) {
    try {
      JsonNode row = JSON.readTree(json);
      String error = row.path("error").asString("");
      JsonNode seconds = row.path("seconds");
      rows.add(
          Row.of(
                  row.path("check").asString(""),
                  row.path("subject").asString(""),
                  row.path("expected").asString(""),
                  row.path("actual").asString(""),
                  error.isEmpty() ? null : CheckError.valueOf(error))
              .within(seconds.isNumber() ? seconds.asDouble() : null));
    } catch (JacksonException | IllegalArgumentException e) {
      last = json; // not what our program writes
      ended = false;
    }
  }
}
