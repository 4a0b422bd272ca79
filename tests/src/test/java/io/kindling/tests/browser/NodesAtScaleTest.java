package io.kindling.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.TestParsing;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.JdbcNodeStore;
import io.kindling.tests.browser.Desk.Look;
import io.kindling.tests.rack.ApplianceClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// 5,000 nodes of 12 disks in the console: prints how long the first rows, a filter and a page
/// take, and how long the browser is busy while 50 events a second come.
@Tag("full")
final class NodesAtScaleTest {
  private static final int NODES = 5_000;
  private static final int DISKS = 12;
  private static final String CLUSTER =
      """
      name: scale
      networks:
        management: { cidr: 10.20.0.0/16, nodes: 10.20.1.0-10.20.40.255 }
      nodes:
        - { match: { name: node-00001 }, roles: [ceph-mon, ceph-osd] }
        - { match: { label: all }, roles: [ceph-osd] }
      """;
  private static final int EVENTS = 500;
  private static final long EVENT_NANOS = 1_000_000_000L / 50;

  @Test
  void fiveThousandNodesAreListedFilteredAndPaged() throws Exception {
    try (Desk desk = Desk.alone("scale", "10.20.0.1/16", NodesAtScaleTest::fill)) {
      Page page = desk.page(Look.LIGHT);
      for (int i = 0; i < 5; i++) {
        page.navigate("/");
        assertThat(page.locator("table.nodes tbody tr")).hasCount(100);
        System.out.println(loaded(page));
      }
      for (String words : List.of("KND0042", "r640 swp99", "nvme-eui", "no such thing")) {
        System.out.println("filter `" + words + "`: " + filter(page, "/", "nodes", words) + " ms");
      }
      for (String query : List.of("limit=100", "q=swp42&limit=100", "sort=-memory&limit=100", "")) {
        long begin = System.nanoTime();
        int found = desk.names(query).size();
        System.out.printf(
            "API `%s`: %d nodes in %d ms%n", query, found, (System.nanoTime() - begin) / 1_000_000);
      }
      assertThat(desk.names("q=KND0042")).hasSize(1);
      System.out.println("busy under 50 events/s: " + busy(desk, page, "/"));
      long begin = System.nanoTime();
      ApplianceClient.must(
          desk.appliance().client().send("PUT", "/api/v1/cluster", "application/yaml", CLUSTER));
      System.out.printf("applied in %d ms%n", (System.nanoTime() - begin) / 1_000_000);
      for (String place : List.of("/cluster/roles", "/cluster/disks", "/cluster/review")) {
        step(desk, page, place);
      }
      assertThat(desk.complaints()).isEmpty();
    }
  }

  /// A page that designs a cluster of all of them.
  private static void step(Desk desk, Page page, String place) {
    for (int i = 0; i < 3; i++) {
      page.navigate(place);
      assertThat(page.locator("#design table tbody tr")).hasCount(100);
      System.out.println(place + ", " + loaded(page));
    }
    for (String words : List.of("node-00042", "node-0004", "no such thing")) {
      System.out.println(
          place + ", filter `" + words + "`: " + filter(page, place, "design", words) + " ms");
    }
    System.out.println(place + ", busy under 50 events/s: " + busy(desk, page, place));
  }

  /// Milliseconds from the last key to the rows, with what the page waits for more keys.
  private static long filter(Page page, String place, String list, String words) {
    page.navigate(place);
    page.evaluate(
        "list => { window.swapped = 0; document.addEventListener('htmx:afterSettle', e => {"
            + " if (e.target.id === list) { window.swapped = performance.now(); } });"
            + " document.addEventListener('input', () => {"
            + " window.typed = performance.now(); window.swapped = 0; }, true); }",
        list);
    page.locator("#filter input[type=search]").fill(words);
    page.waitForFunction("() => window.swapped > 0");
    return ((Number) page.evaluate("() => window.swapped - window.typed")).longValue();
  }

  private static Object loaded(Page page) {
    page.waitForFunction("() => performance.getEntriesByName('first-contentful-paint').length > 0");
    return page.evaluate(
        "() => { const n = performance.getEntriesByType('navigation')[0]; const p ="
            + " performance.getEntriesByName('first-contentful-paint')[0]; return `first"
            + " page: answer ${Math.round(n.responseEnd - n.requestStart)} ms,"
            + " ${n.encodedBodySize} bytes, painted after ${Math.round(p.startTime)} ms,"
            + " complete after ${Math.round(n.domComplete)} ms` }");
  }

  private static String busy(Desk desk, Page page, String place) {
    page.navigate(place);
    page.evaluate(
        "() => { window.tasks = []; new PerformanceObserver(l => l.getEntries().forEach(e =>"
            + " window.tasks.push(Math.round(e.duration)))).observe({type: 'longtask'}); }");
    String id = desk.api("/api/v1/nodes?limit=1").path(0).path("id").asString();
    long next = System.nanoTime();
    for (int i = 0; i < EVENTS; i++) {
      String change = i % 2 == 0 ? "addLabels" : "removeLabels";
      desk.change("/api/v1/nodes/" + id, "{\"" + change + "\":[\"busy\"]}");
      next += EVENT_NANOS;
      LockSupport.parkNanos(next - System.nanoTime()); // The rate, not a wait for something.
    }
    Object tasks =
        page.evaluate("() => window.tasks.length + ' tasks over 50 ms: ' + window.tasks");
    return tasks.toString();
  }

  /// What the appliance would have after as many reports.
  private static void fill(Path state) {
    try {
      Files.createDirectories(state);
      var database = ((Database.Opened) Database.open(state)).database();
      try (database;
          var threads = Executors.newFixedThreadPool(64)) {
        var store = new JdbcNodeStore(database, new FactsParser());
        var added = new ArrayList<Future<?>>();
        for (int i = 1; i <= NODES; i++) {
          int number = i;
          added.add(threads.submit(() -> add(store, number)));
        }
        for (Future<?> one : added) {
          one.get();
        }
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void add(JdbcNodeStore store, int number) {
    String document = document(number);
    Instant now = Instant.now();
    var id = new UUID(number, number);
    store.add(
        new Node(
            id,
            "node-%05d".formatted(number),
            Set.of("all"),
            number % 50 == 0 ? NodeState.ERROR : NodeState.DISCOVERED,
            null,
            number % 50 == 0 ? "INS-004: a disk is another one" : null,
            Set.of(Reports.mac(number)),
            Reports.mac(number),
            null,
            null,
            TestParsing.facts(document),
            now,
            now,
            1));
    store.keepDocument(id, document.getBytes(StandardCharsets.UTF_8));
  }

  private static String document(int number) {
    String one = number % 97 == 0 ? Reports.withoutOneModule(number) : Reports.well(number);
    var disks = new StringBuilder(); // Four are in the document.
    for (int disk = 0; disk < DISKS - 4; disk++) {
      disks.append(
          """
          {"name":"sd%1$s","kname":"sd%1$s","type":"disk","size":8001563222016,"rota":true,
           "tran":"sas","model":"ST8000NM0055","serial":"ZA%2$05d%3$02d",
           "id-link":"wwn-0x5000c5%2$08x%3$02x"},\
          """
              .formatted((char) ('c' + disk), number, disk));
    }
    return one.replaceFirst("\"blockdevices\": \\[", "\"blockdevices\": [" + disks);
  }
}
