package io.kindling.tests.endtoend;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/// A browser in the operators' network, signed in to the console of an appliance that runs from the
/// ISO.
final class DiscBrowser implements AutoCloseable {

  /// An emulated machine draws each page for the first time.
  private static final int PATIENCE_MS = 240_000;

  private final Playwright playwright;
  private final Page page;

  /// @param link the one-time link that makes an administrator
  DiscBrowser(DiscRack rack, DiscAppliance appliance, String link) throws IOException {
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MS);
    Path home = Files.createDirectories(rack.directory.resolve("browser-home"));
    Path script = rack.directory.resolve("browser.sh");
    Files.writeString(
        script,
        "#!/bin/sh\nHOME=%s exec ip netns exec %s chromium \"$@\"\n"
            .formatted(home, rack.network.namespace()));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(script)
                    .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));
    // The fingerprint of its authority is compared where the screen shows it.
    page =
        browser
            .newContext(
                new Browser.NewContextOptions()
                    .setBaseURL(appliance.url())
                    .setIgnoreHTTPSErrors(true)
                    .setViewportSize(1366, 900))
            .newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.navigate(link);
    page.getByLabel("Name").fill("ada");
    page.getByLabel("Password").fill("correct horse battery");
    page.getByLabel("The same again").fill("correct horse battery");
    page.keyboard().press("Enter");
    PlaywrightAssertions.assertThat(page).hasURL(appliance.url() + "/");
  }

  /// Opens a page of the console, and keeps a picture of it below `target/screenshots`.
  ///
  /// @param text must be seen on it
  void sees(String path, String text, String picture) {
    page.navigate(path);
    PlaywrightAssertions.assertThat(page.locator("main")).containsText(text);
    page.screenshot(
        new Page.ScreenshotOptions()
            .setFullPage(true)
            .setPath(Path.of("target", "screenshots", picture + ".png")));
  }

  @Override
  public void close() {
    playwright.close();
  }
}
