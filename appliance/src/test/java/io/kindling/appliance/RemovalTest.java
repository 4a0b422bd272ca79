package io.kindling.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.appliance.testing.Machines;
import io.kindling.appliance.testing.RunningAppliance;
import io.kindling.pxe.TestClock;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RemovalTest {
  @TempDir Path state;
  private OpenAppliance open;
  private RunningAppliance doors;

  @BeforeEach
  void open() throws Exception {
    open = OpenAppliance.on(state, new TestClock());
    doors = open.doors();
    report(1);
  }

  @AfterEach
  void close() {
    open.close();
  }

  private void report(int machine) throws Exception {
    HttpResponse<String> answer = doors.machine("POST", "/agent/v1/report", Machines.text(machine));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
  }

  private List<String> ids() {
    return doors
        .socket("GET", "/api/v1/nodes", Map.of())
        .valueStream()
        .map(node -> node.path("id").asString())
        .toList();
  }

  @Test
  void aNodeThatIsForgottenIsGoneAndComesBackAsANewOne() throws Exception {
    String id = ids().getFirst();
    doors.socket("DELETE", "/api/v1/nodes/" + id, Map.of());
    assertThat(ids()).isEmpty();
    report(1);
    assertThat(ids()).hasSize(1).doesNotContain(id);
  }

  @Test
  void aProtectedNodeIsForgottenByAnAdministratorWhoSaysSoAlone() throws Exception {
    String path = "/api/v1/nodes/" + ids().getFirst();
    doors.socket("PATCH", path, Map.of("addLabels", List.of("protected")));
    String[] operator = doors.token("operator", "operator");
    assertThat(doors.send("DELETE", path, "{\"yes\":true}", operator).body()).contains("APP-513");
    assertThatThrownBy(() -> doors.socket("DELETE", path, Map.of()))
        .hasMessageContaining("APP-513");
    assertThat(ids()).hasSize(1);
    doors.socket("DELETE", path, Map.of("yes", true));
    assertThat(ids()).isEmpty();
  }
}
