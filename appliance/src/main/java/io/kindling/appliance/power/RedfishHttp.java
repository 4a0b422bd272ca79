package io.kindling.appliance.power;

import io.kindling.appliance.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Requests to one Redfish service (DSP0266): JSON over TLS, by a session or, where the service has
/// none, by basic authentication. Never follows a redirect or a link to another host: the token is
/// for this one. Confined to one thread.
final class RedfishHttp implements AutoCloseable {
  /// DSP0266 §6.4: the one well-known address.
  static final String ROOT = "/redfish/v1/";

  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration REQUEST = Duration.ofSeconds(30);

  /// RFC 3986: a path and a query, no more.
  private static final Pattern LINK = Pattern.compile("[A-Za-z0-9/._~!$&'()*+,;=:@?%-]{1,2048}");

  /// No resource that is read here comes near it.
  private static final int MOST = 4 << 20;

  private final BmcAccess access;
  private final String base;
  private final Trust trust;
  private final HttpClient client;
  private @Nullable String token;
  private @Nullable String session;
  private boolean basic;

  RedfishHttp(BmcAccess access) {
    this.access = access;
    this.base = "https://" + access.endpoint().authority();
    this.trust = Trust.of(access);
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .sslContext(trust.context())
            .build();
  }

  /// An answer of success.
  ///
  /// @param etag for `If-Match`, where the service gave one
  /// @param location where a task or a session is, a path on this service
  record Answer(int status, JsonNode body, Optional<String> etag, Optional<String> location) {}

  /// Logs in; `sessions` is the collection that the service's root names.
  void login(Optional<String> sessions) throws InterruptedException {
    if (sessions.isEmpty()) {
      basic = true;
      return;
    }
    byte[] body = Json.bytes(Map.of("UserName", access.user(), "Password", access.password()));
    HttpResponse<InputStream> response = exchange("POST", sessions.get(), body, null);
    String given = response.headers().firstValue("X-Auth-Token").orElse(null);
    switch (response.statusCode()) {
      case 200, 201, 204 -> {
        read(response);
        if (given == null) {
          basic = true;
          return;
        }
        token = given;
        session = response.headers().firstValue("Location").map(this::path).orElse(null);
      }
      case 404, 405, 501 -> {
        read(response);
        basic = true; // it has no sessions
      }
      case 400, 401, 403 ->
          throw new PowerException(
              PowerError.CREDENTIALS, base + ", user " + access.user() + said(read(response)));
      default -> throw failed("POST", sessions.get(), response);
    }
  }

  Answer get(String path) throws InterruptedException {
    return send("GET", path, null, null);
  }

  Answer send(String method, String path, @Nullable Object body, @Nullable String etag)
      throws InterruptedException {
    HttpResponse<InputStream> response =
        exchange(method, path, body == null ? null : Json.bytes(body), etag);
    if (response.statusCode() / 100 != 2) {
      throw failed(method, path, response);
    }
    JsonNode json = read(response);
    return new Answer(
        response.statusCode(),
        json,
        response.headers().firstValue("ETag").or(() -> text(json, "@odata.etag")),
        response.headers().firstValue("Location").map(this::path));
  }

  private HttpResponse<InputStream> exchange(
      String method, String path, byte @Nullable [] body, @Nullable String etag)
      throws InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(base + local(path)))
            .timeout(REQUEST)
            .header("Accept", "application/json")
            .header("OData-Version", "4.0")
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (etag != null) {
      request.header("If-Match", etag);
    }
    if (token != null) {
      request.header("X-Auth-Token", token);
    } else if (basic) {
      String pair = access.user() + ":" + access.password();
      request.header(
          "Authorization",
          "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }
    try {
      return client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (SSLException e) {
      if (!aboutCertificate(e)) {
        throw PowerException.passing(PowerError.UNREACHABLE, base + ": " + e.getMessage(), e);
      }
      throw new PowerException(
          PowerError.NOT_TRUSTED,
          base
              + ": "
              + e.getMessage()
              + (trust.seen().isEmpty() ? "" : "; it shows sha256 " + trust.seen()),
          false,
          e);
    } catch (IOException e) {
      throw PowerException.passing(
          PowerError.UNREACHABLE,
          base + ": " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
          e);
    }
  }

  /// The client wraps what the handshake failed with.
  private static boolean aboutCertificate(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException) {
        return true;
      }
    }
    return false;
  }

  /// A link of an answer, which must lead to the same service.
  private String local(String path) {
    if (!path.startsWith("/") || path.startsWith("//") || !LINK.matcher(path).matches()) {
      throw new PowerException(PowerError.REFUSED, base + " gave the link `" + path + "`");
    }
    return path;
  }

  /// `Location` may be a whole URL; only its path is used.
  private String path(String location) {
    try {
      String path = URI.create(location).getRawPath();
      return path == null ? "" : path;
    } catch (IllegalArgumentException e) {
      throw new PowerException(PowerError.REFUSED, base + " gave the link `" + location + "`");
    }
  }

  private JsonNode read(HttpResponse<InputStream> response) {
    try (InputStream in = response.body()) {
      byte[] body = in.readNBytes(MOST + 1);
      if (body.length > MOST) {
        throw new PowerException(PowerError.REFUSED, base + " answers more than 4 MiB");
      }
      return Json.tree(body.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : body);
    } catch (JacksonException e) {
      return Json.tree("{}"); // an error page of its web server; the status says enough
    } catch (IOException e) {
      throw PowerException.passing(PowerError.UNREACHABLE, base + ": " + e.getMessage(), e);
    }
  }

  private PowerException failed(String method, String path, HttpResponse<InputStream> response) {
    int status = response.statusCode();
    String detail = base + " " + method + " " + path + " → " + status + said(read(response));
    return switch (status) {
      case 401 -> new PowerException(PowerError.CREDENTIALS, detail);
      case 403 -> new PowerException(PowerError.PRIVILEGE, detail);
      case 404, 405, 501 -> new PowerException(PowerError.UNSUPPORTED, detail);
      case 409, 412, 429, 500, 502, 503, 504 ->
          PowerException.passing(PowerError.REFUSED, detail, null);
      default -> new PowerException(PowerError.REFUSED, detail);
    };
  }

  /// What an error's body says of it (DSP0266 §8.6).
  private static String said(JsonNode body) {
    var words = new StringJoiner("; ", ": ", "");
    JsonNode error = body.path("error");
    for (JsonNode info : error.path("@Message.ExtendedInfo")) {
      text(info, "Message").ifPresent(words::add);
    }
    if (words.length() == 2) {
      text(error, "message").ifPresent(words::add);
    }
    return words.length() == 2 ? "" : words.toString();
  }

  /// A member that is text and not empty.
  static Optional<String> text(JsonNode json, String key) {
    JsonNode value = json.path(key);
    return value.isString() && !value.asString().isEmpty()
        ? Optional.of(value.asString())
        : Optional.empty();
  }

  /// A member's link.
  static Optional<String> link(JsonNode json, String key) {
    return text(json.path(key), "@odata.id");
  }

  /// Ends the session: BMCs have few.
  @Override
  public void close() {
    try {
      if (session != null) {
        exchange("DELETE", session, null, null).body().close();
      }
    } catch (PowerException | IOException e) {
      // it ends by itself
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      client.shutdownNow();
    }
  }
}
