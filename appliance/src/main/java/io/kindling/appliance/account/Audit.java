package io.kindling.appliance.account;

import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Json;
import io.kindling.inventory.store.AuditTable;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who changed what, from where, and what it was before. Each request that changes something is
/// kept before its answer leaves; what it says of the change, the route notes. Thread-safe.
public final class Audit {
  private static final AttachmentKey<Note> NOTE = AttachmentKey.create(Note.class);

  private final AuditTable table;
  private final Clock clock;

  public Audit(AuditTable table, Clock clock) {
    this.table = table;
    this.clock = clock;
  }

  private record Note(boolean change, @Nullable String before, @Nullable String after) {}

  /// @param sequence grows by one with each entry
  /// @param from the address, or `socket`
  /// @param what the request, or what was done in a word
  public record Entry(
      long sequence,
      Instant at,
      String who,
      String from,
      String what,
      @Nullable String before,
      @Nullable String after) {}

  /// Says what a request changes. Never to be told: passwords, tokens, keys.
  ///
  /// @param before text or what becomes JSON, null where nothing is to be told
  /// @param after the same
  public static void note(
      HttpServerExchange exchange, @Nullable Object before, @Nullable Object after) {
    exchange.putAttachment(NOTE, new Note(true, text(before), text(after)));
  }

  /// Says that a request of this kind changed nothing this time.
  public static void noChange(HttpServerExchange exchange) {
    exchange.putAttachment(NOTE, new Note(false, null, null));
  }

  /// Keeps an entry when the request's answer is about to leave, and only where it is no refusal.
  void watch(HttpServerExchange exchange, Caller caller) {
    exchange.addResponseCommitListener(e -> {
      Note note = e.getAttachment(NOTE);
      if (e.getStatusCode() < 400 && (note == null || note.change())) {
        table.append(
            clock.instant(),
            caller.name(),
            caller.from(),
            e.getRequestMethod() + " " + e.getRequestPath(),
            note == null ? null : note.before(),
            note == null ? null : note.after());
      }
    });
  }

  /// Keeps an entry that is no request of a route for operators.
  public void append(String who, String from, String what) {
    table.append(clock.instant(), who, from, what, null, null);
  }

  /// At most `limit` entries before that number, newest first.
  public List<Entry> before(long sequence, int limit) {
    return table.before(sequence, limit).stream()
        .map(r ->
            new Entry(r.sequence(), r.at(), r.who(), r.origin(), r.what(), r.before(), r.after()))
        .toList();
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null || value instanceof String ? (String) value : Json.text(value);
  }
}
