package io.kindling.appliance.power;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.kindling.appliance.http.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;

/// A Redfish service with state, over TLS on the loopback: resources as DMTF's public mock-ups have
/// them (DSP2043), sessions, ETags, tasks; refuses what the real thing would.
final class RedfishService implements AutoCloseable {
  static final String USER = "root";
  static final String PASSWORD = "calvin \"1\"";

  private final HttpsServer server;
  private final Path keys;
  final List<String> requests = new ArrayList<>();
  final List<String> resets = new ArrayList<>();
  final Map<String, Object> boot = new LinkedHashMap<>();
  final TreeSet<String> systems = new TreeSet<>(List.of("437XR1138R2"));
  final TreeSet<String> sessions = new TreeSet<>();
  List<String> allowable =
      List.of("On", "ForceOff", "GracefulShutdown", "ForceRestart", "PushPowerButton");
  String power = "Off";
  String led = "Off";
  boolean lit;

  /// How it differs from others.
  boolean hasSessions = true;

  boolean actionInfo;
  boolean byTask;
  boolean taskFails;
  boolean forgetsBoot;
  boolean oldLed;
  boolean ledOnChassis;
  boolean readOnly;
  boolean stuck;
  int busy;
  int tag = 1;
  private int changes;
  private int looks;
  private boolean closed;

  /// @param keys a key store made by [#keys]
  RedfishService(Path keys) throws Exception {
    this.keys = keys;
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context()));
    server.createContext("/", this::answer);
    server.start();
  }

  /// A key and its self-signed certificate.
  ///
  /// @param name what the certificate is for: `ip:127.0.0.1`, `dns:other.example`
  static Path keys(Path file, String name) throws Exception {
    keytool(
        file,
        "-genkeypair",
        "-keyalg",
        "EC",
        "-dname",
        "CN=bmc",
        "-validity",
        "2",
        "-ext",
        "san=" + name);
    return file;
  }

  private static String keytool(Path keys, String... arguments) throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
    command.addAll(List.of(arguments));
    command.addAll(
        List.of("-keystore", keys.toString(), "-storepass", "changeit", "-alias", "bmc"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(out);
    }
    return out;
  }

  private SSLContext context() throws Exception {
    var store = KeyStore.getInstance(keys.toFile(), "changeit".toCharArray());
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  String fingerprint() throws Exception {
    var store = KeyStore.getInstance(keys.toFile(), "changeit".toCharArray());
    return Trust.sha256(store.getCertificate("bmc"));
  }

  String pem() throws Exception {
    var store = KeyStore.getInstance(keys.toFile(), "changeit".toCharArray());
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder().encodeToString(store.getCertificate("bmc").getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    byte[] body = exchange.getRequestBody().readAllBytes();
    requests.add(method + " " + path);
    JsonNode json = Json.tree(body.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : body);
    if (path.equals("/redfish/v1/")) {
      send(exchange, 200, root());
    } else if (path.equals("/redfish/v1/SessionService/Sessions") && method.equals("POST")) {
      login(exchange, json);
    } else if (!known(exchange)) {
      problem(exchange, 401, "Base.1.8.NoValidSession", "No valid session.");
    } else if (busy > 0) {
      busy--;
      problem(exchange, 503, "Base.1.8.ServiceTemporarilyUnavailable", "Try again in 1 s.");
    } else {
      route(exchange, method, path, json);
    }
  }

  private void route(HttpExchange exchange, String method, String path, JsonNode json)
      throws IOException {
    String system = "/redfish/v1/Systems/" + systems.first();
    if (path.startsWith("/redfish/v1/SessionService/Sessions/") && method.equals("DELETE")) {
      sessions.remove(path.substring(path.lastIndexOf('/') + 1));
      send(exchange, 204, null);
    } else if (path.equals("/redfish/v1/Systems")) {
      send(
          exchange,
          200,
          Map.of(
              "Members",
              systems.stream().map(s -> Map.of("@odata.id", "/redfish/v1/Systems/" + s)).toList()));
    } else if (path.equals(system) && method.equals("GET")) {
      exchange.getResponseHeaders().add("ETag", "W/\"" + tag + "\"");
      send(exchange, 200, system(system));
    } else if (path.equals(system) && method.equals("PATCH")) {
      patch(exchange, json);
    } else if (path.equals("/redfish/v1/Chassis/1U") && ledOnChassis) {
      if (method.equals("PATCH")) {
        patch(exchange, json);
      } else {
        send(exchange, 200, Map.of("LocationIndicatorActive", lit));
      }
    } else if (path.equals(system + "/ResetActionInfo")) {
      send(
          exchange,
          200,
          Map.of("Parameters", List.of(Map.of("Name", "ResetType", "AllowableValues", allowable))));
    } else if (path.equals(system + "/Actions/ComputerSystem.Reset") && method.equals("POST")) {
      reset(exchange, json.path("ResetType").asString(""));
    } else if (path.equals("/redfish/v1/TaskService/TaskMonitors/7")) {
      task(exchange);
    } else {
      problem(exchange, 404, "Base.1.8.ResourceMissingAtURI", "There is nothing at " + path + ".");
    }
  }

  private Map<String, Object> root() {
    var root = new LinkedHashMap<String, Object>();
    root.put("@odata.id", "/redfish/v1/");
    root.put("RedfishVersion", "1.15.0");
    root.put("Systems", Map.of("@odata.id", "/redfish/v1/Systems"));
    root.put(
        "Links", Map.of("Sessions", Map.of("@odata.id", "/redfish/v1/SessionService/Sessions")));
    return root;
  }

  private void login(HttpExchange exchange, JsonNode json) throws IOException {
    if (!hasSessions) {
      problem(exchange, 404, "Base.1.8.ResourceMissingAtURI", "No sessions.");
    } else if (json.path("UserName").asString("").equals(USER)
        && json.path("Password").asString("").equals(PASSWORD)) {
      String id = "s" + (requests.size());
      sessions.add(id);
      exchange.getResponseHeaders().add("X-Auth-Token", "token-" + id);
      exchange
          .getResponseHeaders()
          .add("Location", "https://" + address() + "/redfish/v1/SessionService/Sessions/" + id);
      send(exchange, 201, Map.of("Id", id));
    } else {
      problem(exchange, 401, "Base.1.8.ResourceAtUriUnauthorized", "Wrong user or password.");
    }
  }

  private boolean known(HttpExchange exchange) {
    String token = exchange.getRequestHeaders().getFirst("X-Auth-Token");
    String basic = exchange.getRequestHeaders().getFirst("Authorization");
    String right =
        "Basic "
            + Base64.getEncoder()
                .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    return token != null
        ? token.startsWith("token-") && sessions.contains(token.substring(6))
        : right.equals(basic);
  }

  private Map<String, Object> system(String path) {
    if (power.equals("PoweringOn") && ++looks > 1) {
      power = "On";
    }
    var reset = new LinkedHashMap<String, Object>();
    reset.put("target", path + "/Actions/ComputerSystem.Reset");
    if (actionInfo) {
      reset.put("@Redfish.ActionInfo", path + "/ResetActionInfo");
    } else {
      reset.put("ResetType@Redfish.AllowableValues", allowable);
    }
    var system = new LinkedHashMap<String, Object>();
    system.put("@odata.id", path);
    system.put("PowerState", power);
    system.put("Boot", boot());
    if (oldLed) {
      system.put("IndicatorLED", led);
    } else if (!ledOnChassis) {
      system.put("LocationIndicatorActive", lit);
    }
    system.put("Links", Map.of("Chassis", List.of(Map.of("@odata.id", "/redfish/v1/Chassis/1U"))));
    system.put("Actions", Map.of("#ComputerSystem.Reset", reset));
    return system;
  }

  private Map<String, Object> boot() {
    var now = new LinkedHashMap<String, Object>();
    now.put("BootSourceOverrideEnabled", "Disabled");
    now.put("BootSourceOverrideMode", "UEFI");
    now.put("BootSourceOverrideTarget", "None");
    now.put(
        "BootSourceOverrideTarget@Redfish.AllowableValues",
        List.of("None", "Pxe", "Hdd", "BiosSetup"));
    now.putAll(boot);
    return now;
  }

  private void patch(HttpExchange exchange, JsonNode json) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String match = exchange.getRequestHeaders().getFirst("If-Match");
    if (path.contains("/Systems/") && !("W/\"" + tag + "\"").equals(match)) {
      tag++;
      problem(exchange, 412, "Base.1.8.PreconditionFailed", "The ETag is another one.");
      return;
    }
    if (readOnly) {
      problem(exchange, 403, "Base.1.8.InsufficientPrivilege", "The account may not.");
      return;
    }
    if (changes++ == 0 && tag > 100) { // somebody else was quicker
      tag++;
      problem(exchange, 412, "Base.1.8.PreconditionFailed", "The ETag is another one.");
      return;
    }
    json.path("Boot")
        .propertyStream()
        .filter(p -> !forgetsBoot)
        .forEach(p -> boot.put(p.getKey(), p.getValue().asString("")));
    lit = json.path("LocationIndicatorActive").asBoolean(lit);
    led = json.path("IndicatorLED").asString(led);
    tag++;
    send(exchange, 204, null);
  }

  private void reset(HttpExchange exchange, String type) throws IOException {
    if (!allowable.contains(type)) {
      problem(exchange, 400, "Base.1.8.ActionParameterNotSupported", type + " is not supported.");
      return;
    }
    resets.add(type);
    if (!taskFails && !stuck) {
      looks = 0;
      power = type.equals("ForceOff") ? "Off" : "PoweringOn";
    }
    if (byTask) {
      exchange.getResponseHeaders().add("Location", "/redfish/v1/TaskService/TaskMonitors/7");
      looks = 0;
      send(exchange, 202, Map.of("TaskState", "New"));
    } else {
      send(exchange, 204, null);
    }
  }

  private void task(HttpExchange exchange) throws IOException {
    if (looks++ == 0) {
      send(exchange, 202, Map.of("TaskState", "Running"));
    } else if (taskFails) {
      send(
          exchange,
          200,
          Map.of(
              "TaskState", "Exception", "Messages", List.of(Map.of("Message", "The PSU is out."))));
    } else {
      send(exchange, 204, null);
    }
  }

  private static void problem(HttpExchange exchange, int status, String id, String text)
      throws IOException {
    send(
        exchange,
        status,
        Map.of(
            "error",
            Map.of(
                "code",
                "Base.1.8.GeneralError",
                "message",
                "See the extended information.",
                "@Message.ExtendedInfo",
                List.of(Map.of("MessageId", id, "Message", text)))));
  }

  private static void send(
      HttpExchange exchange, int status, @org.jspecify.annotations.Nullable Object body)
      throws IOException {
    byte[] bytes = body == null ? new byte[0] : Json.bytes(body);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      server.stop(0);
    }
  }
}
