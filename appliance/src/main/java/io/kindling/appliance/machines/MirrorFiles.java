package io.kindling.appliance.machines;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.ResponseCodeHandler;
import io.undertow.server.handlers.resource.PathResourceManager;
import io.undertow.server.handlers.resource.ResourceHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The package mirror's files as they are at the moment of the request. Thread-safe.
final class MirrorFiles implements HttpHandler {
  static final String PREFIX = "/mirror/";

  private final Path current;

  /// @param current a link that each synchronisation sets anew
  MirrorFiles(Path current) {
    this.current = current;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    if (exchange.isInIoThread()) {
      exchange.dispatch(this);
      return;
    }
    Path folder;
    try {
      folder = current.toRealPath();
    } catch (IOException notSynced) {
      ResponseCodeHandler.HANDLE_404.handleRequest(exchange);
      return;
    }
    if (!Files.isDirectory(folder)) {
      ResponseCodeHandler.HANDLE_404.handleRequest(exchange);
      return;
    }
    exchange.setRelativePath("/" + exchange.getRequestPath().substring(PREFIX.length()));
    // Ranges, HEAD, sendfile, and that no path leads out of the folder, are the resource handler's.
    new ResourceHandler(new PathResourceManager(folder, 0)).handleRequest(exchange);
  }
}
