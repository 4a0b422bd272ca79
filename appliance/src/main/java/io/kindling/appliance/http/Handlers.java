package io.kindling.appliance.http;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathTemplateHandler;
import io.undertow.server.protocol.http.HttpContinue;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.PathTemplateMatch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A routing table whose handlers may block: each route says who may use it, and the gate decides;
/// each request runs on a thread of the executor, each failure becomes a problem with an error id.
public final class Handlers {
  private static final Logger logger = LoggerFactory.getLogger(Handlers.class);

  /// What handles one request; failures are thrown.
  @FunctionalInterface
  public interface Action {
    void handle(HttpServerExchange exchange) throws Exception;
  }

  /// How long, and how much, is read of a request that was refused.
  private static final Duration LINGER = Duration.ofSeconds(5);

  private static final long LINGER_BYTES = 64L << 20;

  private final ExecutorService executor;
  private final Gate gate;
  private final Map<String, Map<HttpString, Guarded>> routes = new LinkedHashMap<>();

  /// How a browser that asks for a page is told of a problem.
  private BiConsumer<HttpServerExchange, Problem> page = Handlers::send;

  private record Guarded(Access access, Action action) {}

  /// A line of the table.
  public record Route(String method, String path, Access access) {}

  /// @param executor one virtual thread per request
  public Handlers(ExecutorService executor, Gate gate) {
    this.executor = executor;
    this.gate = gate;
  }

  /// @param path a template, `/api/v1/nodes/{node}`
  public Handlers on(String method, String path, Access access, Action action) {
    routes
        .computeIfAbsent(path, p -> new LinkedHashMap<>())
        .put(new HttpString(method), new Guarded(access, action));
    return this;
  }

  /// @param page shows a problem where a browser asked for a page
  public Handlers problems(BiConsumer<HttpServerExchange, Problem> page) {
    this.page = page;
    return this;
  }

  /// The table, as it was filled.
  public List<Route> routes() {
    var all = new ArrayList<Route>();
    routes.forEach((path, methods) ->
        methods.forEach(
            (method, guarded) -> all.add(new Route(method.toString(), path, guarded.access()))));
    return all;
  }

  /// The table as one handler.
  public HttpHandler build() {
    return build(
        Access.ANYBODY,
        e -> {
          throw new Problem(404, ApplianceError.NOT_FOUND, "nothing at " + e.getRequestPath());
        });
  }

  /// The table; what it does not know goes to `other`.
  ///
  /// @param access who may get there
  public HttpHandler build(Access access, Action other) {
    var rest = new Guarded(access, other);
    PathTemplateHandler paths = new PathTemplateHandler(exchange -> run(exchange, rest), false);
    routes.forEach((path, methods) -> paths.add(path, exchange -> dispatch(exchange, methods)));
    return paths;
  }

  private void dispatch(HttpServerExchange exchange, Map<HttpString, Guarded> methods) {
    HttpString method = exchange.getRequestMethod();
    Guarded found = methods.get(method.equals(Methods.HEAD) ? Methods.GET : method);
    run(exchange, found != null ? found : new Guarded(Access.ANYBODY, e -> notFor(e, methods)));
  }

  private static void notFor(HttpServerExchange exchange, Map<HttpString, Guarded> methods) {
    exchange
        .getResponseHeaders()
        .put(
            Headers.ALLOW,
            String.join(", ", methods.keySet().stream().map(HttpString::toString).toList()));
    throw new Problem(
        405,
        ApplianceError.METHOD,
        exchange.getRequestMethod() + " is not for " + exchange.getRequestPath());
  }

  private void run(HttpServerExchange exchange, Guarded route) {
    exchange.dispatch(executor, () -> guarded(exchange, route));
  }

  private void guarded(HttpServerExchange exchange, Guarded route) {
    try {
      gate.admit(exchange, route.access()).attach(exchange);
      route.action().handle(exchange);
      if (!exchange.isDispatched() && !exchange.isResponseStarted() && !exchange.isComplete()) {
        exchange.endExchange();
      }
    } catch (Elsewhere elsewhere) {
      exchange.setStatusCode(303);
      exchange.getResponseHeaders().put(Headers.LOCATION, elsewhere.location());
      exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
      exchange.endExchange();
    } catch (Problem problem) {
      if (asksForPage(exchange)) {
        page.accept(exchange, problem);
      } else {
        send(exchange, problem);
      }
    } catch (ApplianceException e) {
      send(exchange, Problem.of(e));
    } catch (Exception e) {
      if (exchange.isResponseStarted()) {
        logger.debug("{} {} broke off", exchange.getRequestMethod(), exchange.getRequestPath(), e);
        exchange.setPersistent(false);
        exchange.endExchange();
        return;
      }
      logger.error(
          "{} {} {} failed",
          ApplianceError.INTERNAL.id(),
          exchange.getRequestMethod(),
          exchange.getRequestPath(),
          e);
      send(exchange, new Problem(500, ApplianceError.INTERNAL, String.valueOf(e.getMessage())));
    }
  }

  private static boolean asksForPage(HttpServerExchange exchange) {
    String accept = exchange.getRequestHeaders().getFirst(Headers.ACCEPT);
    return exchange.getRequestMethod().equals(Methods.GET)
        && accept != null
        && accept.contains("text/html")
        && !exchange.getRequestPath().startsWith("/api/")
        && !exchange.isResponseStarted();
  }

  /// Writes the problem as the answer.
  public static void send(HttpServerExchange exchange, Problem problem) {
    if (exchange.isResponseStarted()) {
      exchange.endExchange();
      return;
    }
    exchange.setStatusCode(problem.status());
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/problem+json");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    ByteBuffer body = ByteBuffer.wrap(Json.bytes(problem.body()));
    if (exchange.isRequestComplete()) {
      exchange.getResponseSender().send(body);
      return;
    }
    exchange.setPersistent(false); // the rest of the request is not for anybody
    if (exchange.isInIoThread() || HttpContinue.requiresContinueResponse(exchange)) {
      exchange.getResponseSender().send(body);
    } else {
      sendAndLinger(exchange, body);
    }
  }

  /// Answers, then reads on: closing a connection with unread data resets it, and a client that is
  /// still sending would lose the answer (RFC 9112 §9.6).
  private static void sendAndLinger(HttpServerExchange exchange, ByteBuffer body) {
    long end = System.nanoTime() + LINGER.toNanos();
    try {
      if (!exchange.isBlocking()) {
        exchange.startBlocking();
      }
      exchange.setResponseContentLength(body.remaining());
      exchange.getOutputStream().write(body.array());
      exchange.getOutputStream().flush();
      InputStream rest = exchange.getInputStream();
      var discarded = new byte[1 << 14];
      long left = LINGER_BYTES;
      while (left > 0 && System.nanoTime() < end) {
        int n = rest.read(discarded);
        if (n < 0) {
          break;
        }
        left -= n;
      }
    } catch (IOException e) {
      logger.debug("{} went before it had its answer", exchange.getRequestPath(), e);
    }
    exchange.endExchange();
  }

  /// The part of the path that the template names.
  public static String part(HttpServerExchange exchange, String name) {
    PathTemplateMatch match = exchange.getAttachment(PathTemplateMatch.ATTACHMENT_KEY);
    String value = match == null ? null : match.getParameters().get(name);
    if (value == null) {
      throw new IllegalStateException("no {" + name + "} in this route");
    }
    return value;
  }

  /// The whole body, at most `limit` bytes, arriving within `time`.
  ///
  /// Each read waits at most as long as the listener's read time-out, so a sender of single bytes
  /// is cut off soon after `time`.
  public static byte[] body(HttpServerExchange exchange, int limit, Duration time)
      throws IOException {
    return body(exchange, limit, time, (why, begun) -> {});
  }

  /// The same.
  ///
  /// @param broken told of what had come, at most `limit` bytes, before the body was refused
  public static byte[] body(
      HttpServerExchange exchange, int limit, Duration time, BiConsumer<Problem, byte[]> broken)
      throws IOException {
    long announced = exchange.getRequestContentLength();
    if (announced > limit) {
      Problem why = tooLarge(limit);
      broken.accept(why, new byte[0]);
      throw why;
    }
    if (!exchange.isBlocking()) {
      exchange.startBlocking();
    }
    long end = System.nanoTime() + time.toNanos();
    byte[] bytes = new byte[announced >= 0 ? (int) announced : Math.min(limit, 1 << 16)];
    int size = 0;
    InputStream in = exchange.getInputStream();
    try {
      while (true) {
        if (size == bytes.length) {
          if (size == announced) {
            return bytes;
          }
          bytes = java.util.Arrays.copyOf(bytes, (int) Math.min(limit + 1L, bytes.length * 2L + 1));
        }
        int n;
        try {
          n = in.read(bytes, size, bytes.length - size);
        } catch (io.undertow.server.RequestTooBigException e) {
          throw tooLarge(limit);
        } catch (IOException e) {
          if (String.valueOf(e.getMessage()).contains("timed out")
              || e instanceof org.xnio.channels.ReadTimeoutException) {
            throw tooSlow(time);
          }
          // Whoever still listens must not take the silence of an ended exchange for success.
          throw new Problem(
              400, ApplianceError.BAD_REQUEST, "the body broke off after " + size + " bytes");
        }
        if (n < 0) {
          break;
        }
        size += n;
        if (size > limit) {
          throw tooLarge(limit);
        }
        if (System.nanoTime() > end) {
          throw tooSlow(time);
        }
      }
      if (announced >= 0 && size < announced) {
        throw new Problem(
            400,
            ApplianceError.BAD_REQUEST,
            "the body ended after " + size + " of " + announced + " bytes");
      }
      return java.util.Arrays.copyOf(bytes, size);
    } catch (Problem why) {
      broken.accept(why, java.util.Arrays.copyOf(bytes, Math.min(size, limit)));
      throw why;
    }
  }

  private static Problem tooLarge(int limit) {
    return new Problem(
        413, ApplianceError.TOO_LARGE, "the limit here is " + (limit >> 10) + " KiB");
  }

  private static Problem tooSlow(Duration time) {
    return new Problem(
        408, ApplianceError.TOO_SLOW, "it must arrive within " + time.toSeconds() + " s");
  }
}
