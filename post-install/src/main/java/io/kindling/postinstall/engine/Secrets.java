package io.kindling.postinstall.engine;

import java.util.Comparator;
import java.util.List;

/// The secrets of a graph, kept out of logs, plans and command lines. Immutable.
final class Secrets {

  /// A shorter word would hide innocent text.
  static final int SHORTEST = 8;

  private static final String MASK = "[secret]";

  private final List<String> words;

  private Secrets(List<String> words) {
    this.words = words;
  }

  static Secrets of(List<GraphTask> tasks) {
    return new Secrets(
        tasks.stream()
            .flatMap(task -> task.items().values().stream())
            .flatMap(List::stream)
            .flatMap(item ->
                item instanceof Item.ManagedFile file
                    ? file.secrets().stream()
                    : java.util.stream.Stream.empty())
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed()) // the longest first
            .toList());
  }

  String redact(String line) {
    String redacted = line;
    for (String word : words) {
      if (redacted.contains(word)) {
        redacted = redacted.replace(word, MASK);
      }
    }
    return redacted;
  }

  /// @throws IllegalArgumentException where a command's argument or an open file holds a secret
  void refuseInTheOpen(List<GraphTask> tasks) {
    for (GraphTask task : tasks) {
      for (List<Item> items : task.items().values()) {
        items.forEach(this::refuseInTheOpen);
      }
    }
  }

  private void refuseInTheOpen(Item item) {
    switch (item) {
      case Item.Action(String title, Command present, List<Command> apply) -> {
        refuse(title, present.argv());
        apply.forEach(command -> refuse(title, command.argv()));
      }
      case Item.Gate gate -> refuse(gate.title(), gate.ready().argv());
      case Item.ManagedFile file -> {
        if (!file.secret()) {
          refuse(file.title(), List.of(file.content()));
        }
      }
      case Item.Folder _, Item.Absent _, Item.Packages _, Item.Unit _ -> {
        // names and paths only
      }
    }
  }

  private void refuse(String title, List<String> texts) {
    for (String text : texts) {
      if (!redact(text).equals(text)) {
        throw new IllegalArgumentException("a secret stands in the open: " + title);
      }
    }
  }
}
