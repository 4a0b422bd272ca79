package io.kindling.appliance.daytwo;

import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.http.Json;
import io.kindling.postinstall.daytwo.Order;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The last order and what became of it, on stable storage. Thread-safe.
final class OperationBook {
  private static final String KEY = "operation";

  private static final Map<String, Class<? extends Order>> KINDS =
      Map.of(
          "enter", Order.Enter.class,
          "exit", Order.Exit.class,
          "reboot", Order.Reboot.class,
          "add", Order.Add.class,
          "replace", Order.Replace.class,
          "evacuate", Order.Evacuate.class,
          "retire", Order.Retire.class);

  private final Settings settings;

  OperationBook(Settings settings) {
    this.settings = settings;
  }

  enum State {
    RUNNING,
    DONE,
    FAILED
  }

  /// @param error of what stopped it
  record Operation(Order order, State state, @Nullable String error, @Nullable String reason) {}

  /// @param order of that kind, JSON
  private record Kept(
      String kind, String order, State state, @Nullable String error, @Nullable String reason) {}

  Optional<Operation> last() {
    return settings
        .get(KEY)
        .map(text -> Json.read(text.getBytes(StandardCharsets.UTF_8), Kept.class))
        .flatMap(kept ->
            Optional.ofNullable(KINDS.get(kept.kind()))
                .map(kind ->
                    new Operation(
                        Json.read(kept.order().getBytes(StandardCharsets.UTF_8), kind),
                        kept.state(),
                        kept.error(),
                        kept.reason())));
  }

  void keep(Operation operation) {
    String kind =
        switch (operation.order()) {
          case Order.Enter _ -> "enter";
          case Order.Exit _ -> "exit";
          case Order.Reboot _ -> "reboot";
          case Order.Add _ -> "add";
          case Order.Replace _ -> "replace";
          case Order.Evacuate _ -> "evacuate";
          case Order.Retire _ -> "retire";
        };
    settings.put(
        KEY,
        Json.text(
            new Kept(
                kind,
                Json.text(operation.order()),
                operation.state(),
                operation.error(),
                operation.reason())));
  }
}
