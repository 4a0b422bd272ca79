package io.kindling.pxe.http;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootDecisions;
import io.kindling.pxe.BootStage;
import io.kindling.pxe.Catalogue;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything under `/boot/` and `/grub/`: what loaders and the bootstrap kernel fetch. Mounted on
/// the machines' listener; it has no operator function. Thread-safe.
public final class BootHandler implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(BootHandler.class);
  private static final String FILES = "/boot/files/";

  /// Where GRUB that came by UEFI HTTP Boot looks for its files: beside no loader, at the server's
  /// root.
  private static final String GRUB = "/grub/";

  private final BootDecisions decisions;
  private final Catalogue files;
  private final BootScripts scripts;
  private final Supplier<URI> base;
  private final Function<InetAddress, Optional<HardwareAddress>> leaseHolder;
  private final PxeCounters counters;
  private final Executor executor;

  /// @param base `http://ADDRESS[:PORT]` under which machines reach this handler
  /// @param leaseHolder the machine that has an address, for requests that do not say who asks
  /// @param executor runs requests; they block on disks and templates only
  public BootHandler(
      BootDecisions decisions,
      Catalogue files,
      BootScripts scripts,
      Supplier<URI> base,
      Function<InetAddress, Optional<HardwareAddress>> leaseHolder,
      PxeCounters counters,
      Executor executor) {
    this.decisions = decisions;
    this.files = files;
    this.scripts = scripts;
    this.base = base;
    this.leaseHolder = leaseHolder;
    this.counters = counters;
    this.executor = executor;
  }

  /// Whether a path is one of this handler's.
  public static boolean serves(String path) {
    return path.startsWith("/boot/") || path.startsWith(GRUB);
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    exchange.dispatch(executor, this::route);
  }

  /// The whole routing table.
  private void route(HttpServerExchange exchange) {
    String path = exchange.getRequestPath();
    try {
      if (!exchange.getRequestMethod().equals(Methods.GET)
          && !exchange.getRequestMethod().equals(Methods.HEAD)) {
        exchange.getResponseHeaders().put(Headers.ALLOW, "GET, HEAD");
        problem(exchange, StatusCodes.METHOD_NOT_ALLOWED, PxeError.NO_ROUTE, "GET and HEAD only");
      } else if (path.startsWith(FILES)) {
        file(exchange, path.substring(FILES.length()));
      } else if (path.startsWith(GRUB)) {
        file(exchange, path.substring(1));
      } else {
        switch (path) {
          case "/boot/v1/ipxe" -> script(exchange, BootScripts.Dialect.IPXE);
          case "/boot/v1/grub" -> script(exchange, BootScripts.Dialect.GRUB);
          case "/boot/v1/token" -> token(exchange);
          default -> problem(exchange, StatusCodes.NOT_FOUND, PxeError.NO_ROUTE, path);
        }
      }
    } catch (PxeException e) {
      LOG.error("{}: {}", path, e.getMessage(), e.getCause());
      problem(exchange, StatusCodes.INTERNAL_SERVER_ERROR, e.error(), path);
    } catch (IOException | RuntimeException e) {
      LOG.error("{}", PxeError.FILE_UNREADABLE.line(path + "."), e);
      problem(exchange, StatusCodes.INTERNAL_SERVER_ERROR, PxeError.FILE_UNREADABLE, path);
    }
  }

  private void script(HttpServerExchange exchange, BootScripts.Dialect dialect) {
    HardwareAddress mac =
        unnamed(exchange) ? peer(exchange).orElse(null) : mac(exchange).orElse(null);
    if (mac == null) {
      problem(exchange, StatusCodes.BAD_REQUEST, PxeError.BAD_MAC, "parameter mac");
      return;
    }
    BootAnswer answer = decisions.answer(mac, BootStage.SCRIPT);
    if (answer instanceof BootAnswer.Silence(String reason)) {
      problem(exchange, StatusCodes.NOT_FOUND, PxeError.NOT_BOOTING, reason);
      return;
    }
    String script = scripts.script(dialect, answer, mac, base.get());
    counters.add(PxeCounter.HTTP_SCRIPTS);
    decisions.reached(mac, BootStage.SCRIPT, dialect + " script: " + name(answer));
    bytes(exchange, "text/plain; charset=utf-8", script.getBytes(StandardCharsets.UTF_8));
  }

  private static String name(BootAnswer answer) {
    return switch (answer) {
      case BootAnswer.Bootstrap unused -> BootAnswer.Bootstrap.NAME;
      case BootAnswer.Installer(var kernel, var initrd, var arguments) -> "installer " + kernel;
      case BootAnswer.OwnDisk unused -> "own disk";
      case BootAnswer.FirmwareNext(String reason) -> "firmware's next device (" + reason + ")";
      case BootAnswer.Silence unused -> "silence";
    };
  }

  private void token(HttpServerExchange exchange) {
    HardwareAddress mac = requiredMac(exchange);
    if (mac == null) {
      return;
    }
    if (!(decisions.answer(mac, BootStage.KERNEL) instanceof BootAnswer.Bootstrap bootstrap)) {
      problem(exchange, StatusCodes.NOT_FOUND, PxeError.NOT_BOOTING, mac.text());
      return;
    }
    counters.add(PxeCounter.HTTP_TOKENS);
    decisions.reached(mac, BootStage.KERNEL, "token");
    // A token is for this boot of this machine.
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    bytes(exchange, "application/octet-stream", BootScripts.tokenArchive(bootstrap));
  }

  private void file(HttpServerExchange exchange, String name) throws IOException {
    if (!(files.find(name) instanceof Catalogue.Found found)) {
      problem(exchange, StatusCodes.NOT_FOUND, PxeError.UNKNOWN_FILE, name);
      return;
    }
    counters.add(PxeCounter.HTTP_FILES);
    boolean image = name.equals(Catalogue.KERNEL) || name.equals(Catalogue.INITRD);
    mac(exchange)
        .or(() -> peer(exchange))
        .ifPresent(mac ->
            decisions.reached(
                mac,
                image ? BootStage.KERNEL : BootStage.LOADER,
                exchange.getRequestMethod() + " " + name));
    FileResponse.send(exchange, found);
  }

  private Optional<HardwareAddress> peer(HttpServerExchange exchange) {
    InetSocketAddress peer = exchange.getSourceAddress();
    return peer == null || peer.getAddress() == null
        ? Optional.empty()
        : leaseHolder.apply(peer.getAddress());
  }

  private static Optional<HardwareAddress> mac(HttpServerExchange exchange) {
    Deque<String> values = exchange.getQueryParameters().get("mac");
    return values == null || values.size() != 1
        ? Optional.empty()
        : HardwareAddress.parse(values.getFirst());
  }

  /// A loader that does not know its hardware address is known by its lease.
  private static boolean unnamed(HttpServerExchange exchange) {
    Deque<String> values = exchange.getQueryParameters().get("mac");
    return values == null || (values.size() == 1 && values.getFirst().isEmpty());
  }

  private @Nullable HardwareAddress requiredMac(HttpServerExchange exchange) {
    Optional<HardwareAddress> mac = mac(exchange);
    if (mac.isEmpty()) {
      problem(exchange, StatusCodes.BAD_REQUEST, PxeError.BAD_MAC, "parameter mac");
    }
    return mac.orElse(null);
  }

  private void problem(HttpServerExchange exchange, int status, PxeError error, String detail) {
    counters.add(PxeCounter.HTTP_PROBLEMS);
    if (exchange.isResponseStarted()) {
      exchange.endExchange();
      return;
    }
    Problem.send(exchange, status, error, detail);
  }

  private static void bytes(HttpServerExchange exchange, String type, byte[] content) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
    exchange.setResponseContentLength(content.length);
    if (exchange.getRequestMethod().equals(Methods.HEAD)) {
      exchange.endExchange();
    } else {
      exchange.getResponseSender().send(ByteBuffer.wrap(content));
    }
  }
}
