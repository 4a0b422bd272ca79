package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.account.Audit;
import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.http.Caller;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.appliance.secret.Tokens;
import io.undertow.server.HttpServerExchange;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Orders that carry an `Idempotency-Key` are carried out once: whoever repeats one, because the
/// answer was lost, gets the first answer again (draft-ietf-httpapi-idempotency-key-header). They
/// are kept durably, for a day. Thread-safe; one such order at a time.
public final class Replays {
  private static final String HEADER = "Idempotency-Key";
  private static final String SETTING = "orders";
  private static final Duration KEPT = Duration.ofDays(1);
  private static final int MOST = 200;
  private static final int LONGEST_KEY = 200;

  /// What one setting holds, with some to spare.
  private static final int ROOM = 900_000;

  private final Settings settings;
  private final Clock clock;
  private final ReentrantLock ordering = new ReentrantLock();
  private final Condition ended = ordering.newCondition();
  private final Set<String> underWay = new HashSet<>();

  public Replays(Settings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /// @param key of the caller's key and name, hashed
  /// @param order hash of what was ordered
  /// @param answer null from the order's begin until its answer
  private record Kept(String key, String order, Instant at, @Nullable String answer) {}

  private record Orders(List<Kept> orders) {}

  /// Carries an order out.
  @FunctionalInterface
  interface Work<E extends Exception> {
    /// @return JSON text
    String answer() throws E;
  }

  /// Carries the order out, or gives the answer that it had. One that is repeated while it is under
  /// way waits for its answer; others wait for nothing.
  ///
  /// @param order what is ordered
  /// @param work a refusal of it is an unchecked exception, after which the order may be repeated;
  ///   whether anything was done is in doubt after any other
  <E extends Exception> String once(HttpServerExchange exchange, Object order, Work<E> work)
      throws E {
    String key = exchange.getRequestHeaders().getFirst(HEADER);
    if (key == null) {
      return work.answer();
    }
    if (key.isBlank() || key.length() > LONGEST_KEY) {
      throw new Problem(400, ApplianceError.BAD_REQUEST, HEADER + " is 1 to 200 characters");
    }
    String own = Tokens.hash(Caller.of(exchange).name() + " " + key);
    String what = Tokens.hash(Json.text(order));
    Optional<Kept> before = take(own, what);
    if (before.isPresent()) {
      Audit.noChange(exchange);
      return answered(before.get(), what);
    }
    String answer = null;
    boolean refused = false;
    try {
      answer = work.answer();
      return answer;
    } catch (RuntimeException nothingWasBegun) {
      refused = true;
      throw nothingWasBegun;
    } finally {
      give(own, what, answer, refused);
    }
  }

  /// The same for a route that takes no other order.
  <E extends Exception> String onceHere(HttpServerExchange exchange, Object body, Work<E> work)
      throws E {
    return once(exchange, Map.of("path", exchange.getRequestPath(), "order", body), work);
  }

  /// What became of the order before; empty where it is now the caller's to carry out.
  private Optional<Kept> take(String own, String what) {
    ordering.lock();
    try {
      while (underWay.contains(own)) {
        ended.awaitUninterruptibly();
      }
      Optional<Kept> before = orders().stream().filter(o -> o.key().equals(own)).findFirst();
      if (before.isEmpty()) {
        keep(new Kept(own, what, clock.instant(), null));
        underWay.add(own);
      }
      return before;
    } finally {
      ordering.unlock();
    }
  }

  private void give(String own, String what, @Nullable String answer, boolean refused) {
    ordering.lock();
    try {
      if (refused) {
        drop(own);
      } else if (answer != null) {
        keep(new Kept(own, what, clock.instant(), answer));
      }
    } finally {
      underWay.remove(own);
      ended.signalAll();
      ordering.unlock();
    }
  }

  private static String answered(Kept before, String what) {
    if (!before.order().equals(what)) {
      throw new Problem(422, ApplianceError.REPEATED, "for something else");
    }
    String answer = before.answer();
    if (answer == null) {
      throw new Problem(
          409,
          ApplianceError.REPEATED,
          "at " + before.at() + ", and the appliance ended meanwhile");
    }
    return answer;
  }

  private List<Kept> orders() {
    Instant oldest = clock.instant().minus(KEPT);
    return settings
        .get(SETTING)
        .map(text -> Json.read(text.getBytes(StandardCharsets.UTF_8), Orders.class).orders())
        .orElse(List.of())
        .stream()
        .filter(o -> o.at().isAfter(oldest))
        .toList();
  }

  private void keep(Kept one) {
    var all = new ArrayList<>(orders());
    all.removeIf(o -> o.key().equals(one.key()));
    all.add(one);
    put(all.subList(Math.max(0, all.size() - MOST), all.size()));
  }

  private void drop(String key) {
    put(orders().stream().filter(o -> !o.key().equals(key)).toList());
  }

  /// The oldest go where there is no room for all.
  private void put(List<Kept> orders) {
    String text = Json.text(new Orders(orders));
    if (text.length() > ROOM && orders.size() > 1) {
      put(List.copyOf(orders.subList(1, orders.size())));
    } else {
      settings.put(SETTING, text);
    }
  }
}
