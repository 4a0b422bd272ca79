package io.kindling.appliance.testing;

import io.kindling.appliance.cli.UnixSocketClient;
import io.kindling.appliance.door.UnixDoor;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Listeners;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The three doors of an appliance on ports and a socket of the test's own, and how browsers,
/// programs and the command line come in.
public final class RunningAppliance implements AutoCloseable {
  public static final String PASSWORD = "correct horse battery";
  private static final int LIMIT = 16 << 20;
  private static final Pattern COOKIE = Pattern.compile("kindling=([^;]*);.*");
  private static final Pattern CSRF = Pattern.compile("name=\"csrf\" (?:content|value)=\"(\\w+)\"");

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client = HttpClient.newHttpClient();
  private final Undertow operators;
  private final Undertow machines;
  private final UnixDoor door;
  private final UnixSocketClient socket;

  public RunningAppliance(
      Path state, HttpHandler operators, HttpHandler socket, HttpHandler machines) {
    var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    this.operators = Listeners.open("operators", any, LIMIT, operators);
    this.machines = Listeners.open("machines", any, LIMIT, machines);
    Path file = state.resolve("test.sock");
    this.door = new UnixDoor(file, LIMIT, socket, threads);
    this.socket = new UnixSocketClient(file);
  }

  public int port() {
    return Listeners.port(operators);
  }

  /// A browser that is logged in.
  ///
  /// @param csrf what its pages send along
  public record Session(String cookie, String csrf) {
    public String[] headers() {
      return new String[] {"Cookie", "kindling=" + cookie, "X-CSRF-Token", csrf};
    }

    /// Without what only its pages know.
    public String[] cookieAlone() {
      return new String[] {"Cookie", "kindling=" + cookie};
    }
  }

  /// A request as a program or browser sends it; redirects are not followed.
  public HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    return send(Listeners.port(operators), method, path, body, headers);
  }

  public HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send("GET", path, "", headers);
  }

  /// A request of a machine.
  public HttpResponse<String> machine(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    return send(Listeners.port(machines), method, path, body, headers);
  }

  private HttpResponse<String> send(
      int port, String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /// A form of a page.
  public HttpResponse<String> form(String path, Map<String, String> fields, String... headers)
      throws IOException, InterruptedException {
    var pairs = new ArrayList<String>();
    fields.forEach(
        (name, value) -> pairs.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    var all = new ArrayList<>(List.of("Content-Type", "application/x-www-form-urlencoded"));
    all.addAll(List.of(headers));
    return send("POST", path, String.join("&", pairs), all.toArray(String[]::new));
  }

  /// What the command line says.
  public JsonNode socket(String method, String path, Object body) {
    UnixSocketClient.Answer answer =
        socket.send(method, path, Map.of(), "application/json", Json.bytes(body));
    if (!answer.isSuccess()) {
      throw new AssertionError(answer.status() + " " + answer.body());
    }
    return Json.tree(answer.body().isEmpty() ? "{}" : answer.body());
  }

  /// Makes an account whose owner has chosen the password, and the session that this gave.
  public Session account(String name, String role) throws Exception {
    boolean first = socket("GET", "/api/v1/accounts", Map.of()).isEmpty();
    String path =
        (first
                ? socket("POST", "/api/v1/admin-links", Map.of())
                : socket("POST", "/api/v1/accounts", Map.of("name", name, "role", role)))
            .path("path")
            .asString();
    String link = path.substring(path.indexOf('=') + 1);
    return session(
        form(
            "/welcome",
            Map.of("link", link, "name", name, "password", PASSWORD, "again", PASSWORD)));
  }

  public Session login(String name) throws Exception {
    return session(form("/login", Map.of("name", name, "password", PASSWORD)));
  }

  /// The session that an answer opened.
  public Session session(HttpResponse<String> answer) throws Exception {
    if (answer.statusCode() != 303) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
    String cookie = cookie(answer);
    Matcher csrf = CSRF.matcher(get("/accounts", "Cookie", "kindling=" + cookie).body());
    if (!csrf.find()) {
      throw new AssertionError("the page has no token");
    }
    return new Session(cookie, csrf.group(1));
  }

  /// The cookie's value that an answer sets.
  public static String cookie(HttpResponse<String> answer) {
    Matcher cookie = COOKIE.matcher(answer.headers().firstValue("Set-Cookie").orElse(""));
    if (!cookie.matches()) {
      throw new AssertionError("no cookie: " + answer.headers().map());
    }
    return cookie.group(1);
  }

  /// An API token's header, made at the socket.
  public String[] token(String name, String role) {
    String token =
        socket("POST", "/api/v1/tokens", Map.of("name", name, "role", role, "days", 30))
            .path("token")
            .asString();
    return new String[] {"Authorization", "Bearer " + token};
  }

  @Override
  public void close() {
    door.close();
    operators.stop();
    machines.stop();
    client.close();
    threads.shutdownNow();
  }
}
