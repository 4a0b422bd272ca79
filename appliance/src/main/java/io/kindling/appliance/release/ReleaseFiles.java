package io.kindling.appliance.release;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Problem;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.resource.PathResourceManager;
import io.undertow.server.handlers.resource.ResourceHandler;
import io.undertow.util.Methods;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// `/releases/ID/…` on the machines' listener: files of imported trees, with ranges; no listings,
/// nothing outside a tree. Thread-safe.
public final class ReleaseFiles implements HttpHandler {
  public static final String PREFIX = "/releases/";

  /// Undertow transfers anything larger by the kernel's sendfile.
  private static final long SENDFILE_FROM = 0;

  private final Releases releases;
  private final Map<String, ResourceHandler> handlers = new ConcurrentHashMap<>();

  public ReleaseFiles(Releases releases) {
    this.releases = releases;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    String path = exchange.getRequestPath().substring(PREFIX.length());
    int slash = path.indexOf('/');
    var tree =
        slash < 0
            ? java.util.Optional.<ReleaseTree>empty()
            : releases.find(path.substring(0, slash));
    boolean reading =
        exchange.getRequestMethod().equals(Methods.GET)
            || exchange.getRequestMethod().equals(Methods.HEAD);
    if (tree.isEmpty() || !reading) {
      Handlers.send(
          exchange,
          new Problem(404, ApplianceError.NOT_FOUND, "nothing at " + exchange.getRequestPath()));
      return;
    }
    exchange.setRelativePath(path.substring(slash));
    handlers
        .computeIfAbsent(
            tree.get().id(),
            id ->
                new ResourceHandler(new PathResourceManager(tree.get().directory(), SENDFILE_FROM)))
        .handleRequest(exchange);
  }
}
