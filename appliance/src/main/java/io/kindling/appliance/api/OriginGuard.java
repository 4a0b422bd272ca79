package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Problem;
import io.kindling.appliance.net.Addresses;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keeps web pages of other origins from using the operators' browser against the appliance: no
/// foreign `Origin` or fetch, and no host name that a stranger's DNS could have pointed here.
final class OriginGuard implements HttpHandler {
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  /// A year (RFC 6797); browsers ignore it for addresses.
  private static final String HSTS = "max-age=31536000";

  private final HttpHandler next;
  private final Set<String> names;

  /// @param names host names that the operator says are this listener's
  OriginGuard(HttpHandler next, Collection<String> names) {
    this.next = next;
    this.names = Set.copyOf(names);
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    String problem = problem(exchange);
    if (problem != null) {
      Handlers.send(exchange, new Problem(403, ApplianceError.FORBIDDEN_ORIGIN, problem));
      return;
    }
    if (isSecure(exchange)) {
      exchange.getResponseHeaders().put(Headers.STRICT_TRANSPORT_SECURITY, HSTS);
    }
    next.handleRequest(exchange);
  }

  private static boolean isSecure(HttpServerExchange exchange) {
    return exchange.getRequestScheme().equals("https");
  }

  private @Nullable String problem(HttpServerExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
    if (host == null || !known(name(host))) {
      return "the host `" + host + "` is not this appliance's address";
    }
    if (SAFE.contains(exchange.getRequestMethod().toString())) {
      return null;
    }
    String origin = exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
    boolean plain = !isSecure(exchange) && ("http://" + host).equals(origin);
    if (origin != null && !plain && !origin.equals("https://" + host)) {
      return "the page is of " + origin;
    }
    String site = exchange.getRequestHeaders().getFirst("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return "the request is " + site;
    }
    return null;
  }

  private static String name(String host) {
    if (host.startsWith("[")) {
      int end = host.indexOf(']');
      return end < 0 ? host : host.substring(0, end + 1);
    }
    int colon = host.indexOf(':');
    return colon < 0 ? host : host.substring(0, colon);
  }

  /// Addresses cannot be rebound; `localhost` is this machine by RFC 6761.
  private boolean known(String name) {
    return name.equals("localhost")
        || names.contains(name.toLowerCase(Locale.ROOT))
        || name.startsWith("[")
        || Addresses.parse(name).isPresent();
  }
}
