package io.kindling.appliance.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnixSocketClientTest {

  @TempDir Path state;

  private UnixSocketClient client() {
    return new UnixSocketClient(state.resolve("kindling.sock"));
  }

  @Test
  void anAnswerHasStatusHeadersAndBody() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.answer("GET /x", 201, "text/plain", "grüß Gott");
      var answer = client().get("/x");
      assertThat(answer.status()).isEqualTo(201);
      assertThat(answer.headers()).containsEntry("content-type", "text/plain");
      assertThat(answer.body()).isEqualTo("grüß Gott");
    }
  }

  @Test
  void withoutALengthTheBodyEndsWithTheConnection() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.raw("GET /x", "HTTP/1.1 200 OK\r\n\r\nall of it");
      assertThat(client().get("/x").body()).isEqualTo("all of it");
    }
  }

  @Test
  void aRequestCarriesItsBodyWithTypeAndLength() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.json("PUT /x", "{}");
      client()
          .send(
              "PUT",
              "/x",
              Map.of("X-A", "b"),
              "application/yaml",
              "näme: x".getBytes(StandardCharsets.UTF_8));
      assertThat(appliance.requests().getFirst())
          .startsWith("PUT /x HTTP/1.0\r\n")
          .contains("X-A: b\r\n", "Content-Type: application/yaml\r\n", "Content-Length: 8\r\n")
          .endsWith("\r\n\r\nnäme: x");
    }
  }

  @Test
  void aBodyThatIsCutShortIsNotTakenForWhole() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.raw("GET /x", "HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nabc");
      assertThatThrownBy(() -> client().get("/x"))
          .isInstanceOfSatisfying(
              CliException.class, e -> assertThat(e.id()).isEqualTo(CliError.BROKEN_OFF.id()));
    }
  }

  @Test
  void whatIsNotHttpIsNamed() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.raw("GET /x", "SSH-2.0-OpenSSH\r\n\r\n");
      appliance.raw("GET /y", "");
      for (String path : List.of("/x", "/y")) {
        assertThatThrownBy(() -> client().get(path))
            .isInstanceOfSatisfying(
                CliException.class, e -> assertThat(e.id()).isEqualTo(CliError.BROKEN_OFF.id()));
      }
    }
  }

  @Test
  void aMissingSocketSaysHowToStartTheAppliance() {
    assertThatThrownBy(() -> client().get("/x"))
        .isInstanceOfSatisfying(
            CliException.class,
            e -> {
              assertThat(e.id()).isEqualTo(CliError.NOT_RUNNING.id());
              assertThat(e.text()).contains("kindling.sock does not exist");
              assertThat(e.cure()).contains("kindling serve");
            });
  }

  @Test
  void aSocketThatNobodyHoldsAnyMoreSaysSo() throws Exception {
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(state.resolve("kindling.sock")));
    }
    assertThatThrownBy(() -> client().get("/x"))
        .isInstanceOfSatisfying(
            CliException.class, e -> assertThat(e.id()).isEqualTo(CliError.NOT_RUNNING.id()));
  }

  @Test
  void messagesOfAStreamComeOneByOne() throws Exception {
    try (var appliance = new FakeAppliance(state)) {
      appliance.raw(
          "GET /s",
          "HTTP/1.0 200 OK\r\n"
              + "Content-Type: text/event-stream\r\n\r\n"
              + ": hello\n\n"
              + "id: 4\n"
              + "event: x\n"
              + "data: one\n"
              + "data:two\n\n"
              + "data: three\r\n\r\n"
              + "data: cut");
      var seen = new ArrayList<ServerSentEvents.Message>();
      new Operators(client()).follow("/s", "3", seen::add);
      assertThat(seen)
          .containsExactly(
              new ServerSentEvents.Message("4", "x", "one\ntwo"),
              new ServerSentEvents.Message("4", "message", "three"));
      assertThat(appliance.requests().getFirst())
          .contains("Accept: text/event-stream\r\n", "Last-Event-ID: 3\r\n");
    }
  }
}
