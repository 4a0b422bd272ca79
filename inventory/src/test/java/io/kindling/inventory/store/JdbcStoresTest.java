package io.kindling.inventory.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.EventStore;
import io.kindling.inventory.EventStoreContract;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.NodeStoreContract;
import io.kindling.inventory.TestNodes;
import io.kindling.inventory.facts.FactsParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The stores over H2, on a real file.
class JdbcStoresTest {
  private static final Clock CLOCK = Clock.fixed(TestNodes.NOON, ZoneOffset.UTC);

  @TempDir Path dir;
  private Database database;

  @BeforeEach
  void open() {
    database = TestDatabases.open(dir);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Database restarted() {
    database.close();
    open();
    return database;
  }

  @Nested
  class Nodes extends NodeStoreContract {
    private NodeStore store;

    @Override
    protected NodeStore store() {
      return store == null ? store = new JdbcNodeStore(database, new FactsParser()) : store;
    }

    @Override
    protected NodeStore reopened() {
      store = new JdbcNodeStore(restarted(), new FactsParser());
      return store;
    }

    @Test
    void factsOfAnotherParserAreReadFromTheDocumentAgain() {
      Node node = store().add(TestNodes.node("one", "52:54:00:00:00:0a"));
      store()
          .keepDocument(
              node.id(),
              "{\"version\":1,\"agent\":{\"version\":\"9\",\"firmware\":\"bios\"},\"raw\":{}}"
                  .getBytes(StandardCharsets.UTF_8));
      database.<Object>durably(
          c -> c.createStatement().executeUpdate("update parsed_facts set revision = 0"));
      assertThat(reopened().find(node.id()).orElseThrow().facts().agent().version()).isEqualTo("9");
      database.<Object>durably(c -> c.createStatement().executeUpdate("delete from documents"));
      assertThat(reopened().find(node.id()).orElseThrow().facts().agent().version()).isEqualTo("9");
    }
  }

  @Nested
  class Events extends EventStoreContract {
    private EventStore store;

    @Override
    protected EventStore store() {
      return store == null ? store = new JdbcEventStore(database, CLOCK) : store;
    }

    @Override
    protected EventStore reopened() {
      store = new JdbcEventStore(restarted(), CLOCK);
      return store;
    }
  }
}
