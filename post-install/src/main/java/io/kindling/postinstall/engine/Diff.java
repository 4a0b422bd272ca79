package io.kindling.postinstall.engine;

import java.util.ArrayList;
import java.util.List;

/// The difference of two texts, line by line, in diff's unified form with three lines around. Pure.
public final class Diff {

  private static final int AROUND = 3;
  private static final int MOST_LINES = 2000;

  private Diff() {}

  /// Empty where both are the same.
  public static String of(String path, String before, String after) {
    List<String> a = before.isEmpty() ? List.of() : before.lines().toList();
    List<String> b = after.isEmpty() ? List.of() : after.lines().toList();
    if (a.equals(b)) {
      return "";
    }
    if (a.size() > MOST_LINES || b.size() > MOST_LINES) {
      return "(%s: %d lines instead of %d)%n".formatted(path, b.size(), a.size());
    }
    return "--- " + path + "\n+++ " + path + "\n" + hunks(edits(a, b));
  }

  /// Every line of both with its mark: ` ` kept, `-` only before, `+` only after.
  private static List<String> edits(List<String> a, List<String> b) {
    var longest = new int[a.size() + 1][b.size() + 1];
    for (int i = a.size() - 1; i >= 0; i--) {
      for (int j = b.size() - 1; j >= 0; j--) {
        longest[i][j] =
            a.get(i).equals(b.get(j))
                ? longest[i + 1][j + 1] + 1
                : Math.max(longest[i + 1][j], longest[i][j + 1]);
      }
    }
    var edits = new ArrayList<String>();
    int i = 0;
    int j = 0;
    while (i < a.size() || j < b.size()) {
      if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
        edits.add(" " + a.get(i++));
        j++;
      } else if (j >= b.size() || i < a.size() && longest[i + 1][j] >= longest[i][j + 1]) {
        edits.add("-" + a.get(i++));
      } else {
        edits.add("+" + b.get(j++));
      }
    }
    return edits;
  }

  private static String hunks(List<String> edits) {
    var text = new StringBuilder();
    int oldLine = 1;
    int newLine = 1;
    int at = 0;
    while (at < edits.size()) {
      int first = at;
      while (first < edits.size() && edits.get(first).charAt(0) == ' ') {
        first++;
      }
      if (first == edits.size()) {
        break;
      }
      int start = Math.max(at, first - AROUND);
      oldLine += start - at;
      newLine += start - at;
      int end = first;
      for (int k = first; k < edits.size() && k - end <= 2 * AROUND; k++) {
        if (edits.get(k).charAt(0) != ' ') {
          end = k;
        }
      }
      int stop = Math.min(edits.size(), end + AROUND + 1);
      List<String> hunk = edits.subList(start, stop);
      int olds = (int) hunk.stream().filter(line -> line.charAt(0) != '+').count();
      int news = (int) hunk.stream().filter(line -> line.charAt(0) != '-').count();
      text.append(
          "@@ -%d,%d +%d,%d @@%n"
              .formatted(olds == 0 ? 0 : oldLine, olds, news == 0 ? 0 : newLine, news));
      hunk.forEach(line -> text.append(line).append('\n'));
      oldLine += olds;
      newLine += news;
      at = stop;
    }
    return text.toString();
  }
}
