package io.kindling.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.Waiting;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/// Orders to a cluster that serves, as the API takes them.
record Operations(Scenario scenario) {

  static final Duration LIMIT = Duration.ofMinutes(20);

  /// Gives the order; it must be answered so.
  JsonNode order(String path, String body, int status) {
    ApplianceClient.Answer answer = scenario.client().send("POST", path, "application/json", body);
    assertThat(answer.status()).as(path + " " + body + ": " + answer.body()).isEqualTo(status);
    return answer.json();
  }

  void refused(String path, String body, String error) {
    JsonNode problem = order(path, body, 409);
    assertThat(problem.path("id").asString()).as(problem.toString()).isEqualTo(error);
    scenario.terminal.say("refused: " + error + " " + problem.path("detail").asString());
  }

  /// Gives the order and waits for its good end.
  void done(String path, String body) {
    long begin = scenario.terminal.seconds();
    order(path, body, 202);
    ended(path, begin);
  }

  /// @param begin when it was given
  void ended(String path, long begin) {
    Waiting.until(
        path + " to end",
        LIMIT,
        () -> !last().path("state").asString().equals("running"),
        () -> {});
    assertThat(last().path("state").asString()).as(last().toString()).isEqualTo("done");
    scenario.terminal.say(
        "%s: %d s".formatted(last().path("title").asString(), scenario.terminal.seconds() - begin));
  }

  private JsonNode last() {
    return ApplianceClient.must(scenario.client().get("/api/v1/operation")).json();
  }
}
