package io.kindling.appliance.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.appliance.console.internal.Pages;
import io.kindling.appliance.console.internal.Templates;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.testing.Gates;
import io.undertow.Undertow;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ConsoleHandlerTest {

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client = HttpClient.newHttpClient();
  private Undertow server;

  @AfterEach
  void stop() {
    client.close();
    if (server != null) {
      server.stop();
    }
    executor.close();
  }

  @Test
  void theFirstPageListsEachNodeInShort() throws Exception {
    serve(FixtureModel.rack());
    String page = get("/").body();
    assertThat(page)
        .contains("node-1", "node-2", "node-3", "node-4")
        .contains("s-provisioning", "Dell Inc. PowerEdge R640", "192 GiB", "12 DIMMs", "25 Gbit/s")
        .contains("<b>image</b> 4 of 8, 62 %", "value=\"45\"", "class=\"seen here\"")
        .contains("INS-004: disk wwn-0x5000c500a1b2c3d4 has 32 GiB")
        .contains("6 s ago", "0.1.0", "148 MiB", "UEFI", "2.15.1", "3 nodes assigned")
        .contains("1 DIMM less than its siblings: 11, they have 12", "sdb: it fails");
  }

  @Test
  void ordersStatesAndPagesAreLinks() throws Exception {
    serve(FixtureModel.rack());
    String page = get("/?q=r640+x%26y&sort=memory&state=error&after=one").body();
    assertThat(page)
        .contains("href=\"/?q=r640+x%26y&amp;state=error&amp;sort=-memory\"")
        .contains("href=\"/?q=r640+x%26y&amp;sort=memory\"") // The chosen state, taken back.
        .contains("aria-sort=\"ascending\" class=\"c-memory\"", "after=page+two")
        .contains("value=\"r640 x&amp;y\"", "href=\"/?label=rack-a\"", "href=\"/?role=ceph-osd\"");
  }

  @Test
  void withoutNodesThePageSaysWhatToDo() throws Exception {
    serve(FixtureModel.empty());
    assertThat(get("/").body()).contains("No machine has reported yet", "network (PXE) first");
  }

  @Test
  void aNodesPageShowsDisksPlanScriptLogAndEvents() throws Exception {
    serve(FixtureModel.rack());
    String page = get("/nodes/node-1").body();
    assertThat(page)
        .contains("wwn-0x5002538e40a1b2c3", "kindling-cephjournal-2", "ZA1sdb", "set -eu")
        .contains("sha256 agrees", "reported 4 disks", "ssh-ed25519 AAAA")
        .contains("32 GiB", "12 slots empty", "worn: 12 reallocated sectors")
        .contains("ignoredisk --only-use=sda")
        .doesNotContain("3 nodes assigned");
  }

  @Test
  void theNetworksPageShowsTheLastMatrixItsAgeAndItsFindings() throws Exception {
    serve(FixtureModel.rack());
    assertThat(get("/networks").body())
        .contains("60 s ago", "VLAN 101, MTU 9000", "NET-007", "storage-7")
        .contains("class=\"m-warn\" title=\"small frames only\"", "class=\"m-bad\"");
    assertThat(get("/").body()).contains("href=\"/networks\"");
  }

  @Test
  void beforeTheFirstVerificationTheNetworksPageSaysHow() throws Exception {
    serve(FixtureModel.empty());
    assertThat(get("/networks").body()).contains("kindling cluster verify");
  }

  @Test
  void textFromMachinesStaysText() throws Exception {
    serve(FixtureModel.hostile());
    String id = String.valueOf(FixtureModel.hostile().all().getFirst().get("id"));
    for (String path :
        List.of(
            "/",
            "/nodes/" + id,
            "/fragments/nodes",
            "/?q=" + URLEncoder.encode(FixtureModel.HOSTILE, StandardCharsets.UTF_8),
            "/fragments/events",
            "/networks",
            "/fragments/nodes/" + id)) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(answer.body())
          .as(path)
          .contains(
              "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&#96;$(id){{ 7*7"
                  + " }}\\x1b[31m\\u{202e}")
          .doesNotContain("<script>", "\u001b", "\u202e")
          .doesNotContain("&amp;lt;");
    }
  }

  @Test
  void aHostilePathIsShownAsText() throws Exception {
    serve(FixtureModel.rack());
    HttpResponse<String> answer = get("/nodes/%3Cscript%3Ealert(1)%3C%2Fscript%3E%7B%7B7*7%7D%7D");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body())
        .contains("&lt;script&gt;")
        .contains("{{7*7}}")
        .doesNotContain("<script>");
  }

  @Test
  void pagesForbidInlineScriptAndStyleAndHaveNone() throws Exception {
    serve(FixtureModel.rack());
    for (String path : List.of("/", "/nodes/node-3", "/networks", "/nowhere")) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'", "script-src 'self';", "style-src 'self';")
          .doesNotContain("unsafe");
      assertThat(answer.body())
          .doesNotContain("<style", " style=", " onclick", " onload", "javascript:")
          .doesNotContainPattern("<script(?![^>]* src=)");
    }
  }

  @Test
  void filesHaveTheirHashInTheUrlAndAreKeptForGood() throws Exception {
    serve(FixtureModel.rack());
    Matcher urls =
        Pattern.compile("(?:src|href)=\"(/static/[0-9a-f]{16}/[a-z]+\\.(js|css|svg))\"")
            .matcher(get("/").body());
    int found = 0;
    while (urls.find()) {
      found++;
      HttpResponse<String> file = get(urls.group(1));
      assertThat(file.statusCode()).isEqualTo(200);
      assertThat(file.headers().firstValue("Cache-Control").orElseThrow()).contains("immutable");
      assertThat(file.headers().firstValue("Content-Type").orElseThrow())
          .contains(urls.group(2).equals("js") ? "javascript" : urls.group(2));
    }
    assertThat(found).isEqualTo(11);
    assertThat(get("/static/0000000000000000/console.css").statusCode()).isEqualTo(404);
    assertThat(get("/static/../templates/index.html").statusCode()).isEqualTo(404);
  }

  @Test
  void unknownPagesAndMethodsAreNamed() throws Exception {
    serve(FixtureModel.rack());
    assertThat(get("/nodes/none").statusCode()).isEqualTo(404);
    HttpResponse<String> answer =
        client.send(HttpRequest.newBuilder(uri("/")).DELETE().build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(405);
  }

  @Test
  void everyValueInEveryTemplatePassesTheEscapingFilter() throws Exception {
    Pattern expression = Pattern.compile("\\{\\{(.*?)}}");
    for (String name : Templates.NAMES) {
      try (InputStream in =
          Templates.class.getResourceAsStream("/io/kindling/appliance/console/templates/" + name)) {
        Matcher matcher = expression.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        while (matcher.find()) {
          assertThat(matcher.group(1)).as(name).matches(" [a-zA-Z.]+\\|t ");
        }
      }
    }
  }

  private void serve(ConsoleModel model) {
    server =
        Undertow.builder()
            .addHttpListener(
                0,
                "127.0.0.1",
                new Handlers(executor, Gates.SESSION)
                    .build(
                        Access.ANYBODY,
                        new ConsoleHandler(
                                model, InstantSource.fixed(FixtureModel.NOW), new Pages())
                            ::show))
            .setIoThreads(1)
            .setWorkerThreads(2)
            .build();
    server.start();
  }

  private URI uri(String path) {
    var address = (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
    return URI.create("http://127.0.0.1:" + address.getPort() + path);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
  }
}
