package io.kindling.tests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.kindling.tests.rack.ApplianceClient;
import io.kindling.tests.rack.ApplianceProcess;
import io.kindling.tests.rack.Commands;
import io.kindling.tests.rack.Network;
import io.kindling.tests.rack.Rack;
import io.kindling.tests.rack.RackEnvironment;
import io.kindling.tests.structure.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// An operator's desk: an appliance in a namespace of its own, a browser beside it that reaches its
/// operators' listener, and a second session, the API by the Unix socket.
///
/// The browser is Debian's, driven by Playwright over pipes; it downloads nothing.
final class Desk implements AutoCloseable {
  static final String ADDRESS = "10.20.0.1/24";
  static final String ADMIN = "ada";
  static final String PASSWORD = "correct horse battery";

  private static final Duration START = Duration.ofMinutes(1);

  private final Network network;
  private final Path directory;
  private final ApplianceProcess appliance;
  private final Playwright playwright;
  private Browser browser;
  private final Runnable end;
  private final List<String> complaints = new ArrayList<>();

  /// What a page is looked at with.
  enum Look {
    LIGHT(ColorScheme.LIGHT, 1366, 900),
    DARK(ColorScheme.DARK, 1366, 900),
    PHONE(ColorScheme.LIGHT, 390, 844),
    PHONE_DARK(ColorScheme.DARK, 390, 844);

    private final ColorScheme colours;
    private final int width;
    private final int height;

    Look(ColorScheme colours, int width, int height) {
      this.colours = colours;
      this.width = width;
      this.height = height;
    }
  }

  /// An appliance and a network of its own.
  ///
  /// @param prepare fills the state directory before the appliance starts
  static Desk alone(String name, String address, Consumer<Path> prepare) {
    return alone(name, address, prepare, appliance -> {});
  }

  /// @param address the appliance's, with prefix length
  /// @param configure changes how the appliance starts
  static Desk alone(
      String name, String address, Consumer<Path> prepare, Consumer<ApplianceProcess> configure) {
    var environment =
        new RackEnvironment(Repository.root(), RackEnvironment.ofThisMachine().cache());
    var network = new Network("kindling-" + name, address);
    Rack.down(environment.directory("test-" + name), network);
    Path directory = environment.emptied("test-" + name);
    network.up();
    var appliance = new ApplianceProcess(directory, environment.cache(), network, List.of());
    configure.accept(appliance);
    prepare.accept(appliance.state());
    Runnable end =
        () -> {
          appliance.kill();
          network.down();
        };
    Runtime.getRuntime().addShutdownHook(new Thread(end));
    appliance.start(START);
    return new Desk(network, appliance, directory, end);
  }

  /// Beside an appliance that runs in a network.
  ///
  /// @param end what closing does, besides closing the browser
  Desk(Network network, ApplianceProcess appliance, Path directory, Runnable end) {
    this.network = network;
    this.appliance = appliance;
    this.directory = directory;
    this.end = end;
    PlaywrightAssertions.setDefaultAssertionTimeout(45_000); // Two cores, a cold JVM.
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser = launched();
  }

  static Desk alone(String name) {
    return alone(name, ADDRESS, state -> {});
  }

  /// The appliance's namespace has no other door.
  private Path inNamespace() {
    try {
      Path script = directory.resolve("browser.sh");
      // A home of its own: what it trusts is what the test says.
      Path home = Files.createDirectories(directory.resolve("browser-home"));
      Files.writeString(
          script,
          "#!/bin/sh\nHOME=%s exec ip netns exec %s chromium \"$@\"\n"
              .formatted(home, network.namespace()));
      return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What an operator does once in a browser: its own authority is imported there. It counts for
  /// pages of sessions that begin later.
  void trustAuthority() {
    String database = "sql:" + directory.resolve("browser-home/.pki/nssdb");
    Path authority = appliance.state().resolve("tls/ca.pem");
    try {
      Files.createDirectories(directory.resolve("browser-home/.pki/nssdb"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Commands.run("certutil", "-d", database, "-N", "--empty-password");
    Commands.run(
        "certutil",
        "-d",
        database,
        "-A",
        "-t",
        "C,,",
        "-n",
        "appliance",
        "-i",
        authority.toString());
    browser.close();
    browser = launched();
  }

  private Browser launched() {
    return playwright
        .chromium()
        .launch(
            new BrowserType.LaunchOptions()
                .setExecutablePath(inNamespace())
                .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));
  }

  /// A page of a session of its own, signed in; what it complains of is kept for [#complaints].
  Page page(Look look) {
    Page page = stranger(look);
    signIn(page);
    return page;
  }

  /// A page of a session of its own that nobody has signed in to.
  Page stranger(Look look) {
    BrowserContext session =
        browser.newContext(
            new Browser.NewContextOptions()
                .setBaseURL(appliance.console())
                .setColorScheme(look.colours)
                .setViewportSize(look.width, look.height));
    Page page = session.newPage();
    page.onConsoleMessage(this::complained);
    page.onPageError(complaints::add);
    return page;
  }

  /// The first comes by the one-time link, which makes the administrator that the others log in as.
  private void signIn(Page page) {
    boolean first = api("/api/v1/accounts").isEmpty();
    page.navigate(first ? firstLink() : "/login");
    page.getByLabel("Name").fill(ADMIN);
    page.getByLabel("Password").fill(PASSWORD);
    if (first) {
      page.getByLabel("The same again").fill(PASSWORD);
    }
    page.keyboard().press("Enter");
    PlaywrightAssertions.assertThat(page).hasURL(appliance.console() + "/");
  }

  /// A page of somebody else's session, with an account of that role.
  Page as(String role, Look look) {
    JsonNode link =
        ApplianceClient.must(
                appliance
                    .client()
                    .send(
                        "POST",
                        "/api/v1/accounts",
                        "application/json",
                        "{\"name\":\"%s\",\"role\":\"%s\"}".formatted(role, role)))
            .json();
    Page page = stranger(look);
    page.navigate(link.path("path").asString());
    page.getByLabel("Password").fill(PASSWORD);
    page.getByLabel("The same again").fill(PASSWORD);
    page.keyboard().press("Enter");
    PlaywrightAssertions.assertThat(page).hasURL(appliance.console() + "/");
    return page;
  }

  ApplianceProcess appliance() {
    return appliance;
  }

  Network network() {
    return network;
  }

  /// The path that makes an administrator, once.
  String firstLink() {
    return ApplianceClient.must(appliance.client().send("POST", "/api/v1/admin-links", "", ""))
        .json()
        .path("path")
        .asString();
  }

  private void complained(ConsoleMessage message) {
    String text = message.text();
    // A refresh that a newer one replaced is no fault; htmx tells of it all the same.
    boolean replaced = text.startsWith("htmx:sendAbort") || text.startsWith("htmx:afterRequest");
    if (message.type().equals("error") && !replaced) {
      complaints.add(text + " at " + message.location());
    }
  }

  /// Errors of scripts, of the content security policy and of requests since the last call.
  List<String> complaints() {
    List<String> all = List.copyOf(complaints);
    complaints.clear();
    return all;
  }

  /// A machine posts its report to the machines' listener.
  void report(String document) {
    try {
      Path file = Files.writeString(directory.resolve("report.json"), document);
      Commands.Result posted =
          Commands.attempt(
              Duration.ofSeconds(30),
              network.in(
                  "curl",
                  "-s",
                  "--fail-with-body",
                  "--data-binary",
                  "@" + file,
                  "http://10.20.0.1/agent/v1/report"));
      assertThat(posted.ok()).as(posted.output()).isTrue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// As a power cut does.
  void stopAppliance() {
    appliance.kill();
  }

  void startAppliance() {
    appliance.start(START);
  }

  /// The second session's view of a path of the API.
  JsonNode api(String path) {
    return ApplianceClient.must(appliance.client().get(path)).json();
  }

  /// The second session changes something.
  void change(String path, String body) {
    ApplianceClient.must(appliance.client().send("PATCH", path, "application/json", body));
  }

  /// The names of the nodes that the API lists for a query.
  List<String> names(String query) {
    return api("/api/v1/nodes?view=summary" + (query.isEmpty() ? "" : "&" + query))
        .valueStream()
        .map(node -> node.path("name").asString())
        .toList();
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  void shoot(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions()
            .setFullPage(true)
            .setPath(Path.of("target", "screenshots", name + ".png")));
  }

  /// What axe finds serious or critical, as `rule: element`.
  static List<String> accessibilityFaults(Page page) {
    page.evaluate(axe());
    Object found =
        page.evaluate(
            "() => axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.filter(v"
                + " => v.impact === 'serious' || v.impact === 'critical').flatMap(v =>"
                + " v.nodes.map(n => v.id + ': ' + n.html + ' ' + n.failureSummary)))");
    return ((List<?>) found).stream().map(String::valueOf).toList();
  }

  private static String axe() {
    try (InputStream in = Desk.class.getResourceAsStream("/axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    playwright.close();
    end.run();
  }
}
