package io.kindling.appliance.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.Node;
import io.kindling.inventory.TestNodes;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.JdbcNodeStore;
import io.kindling.inventory.store.LeaseTable;
import io.kindling.inventory.store.OutcomeTable;
import io.kindling.postinstall.OutcomeStore;
import io.kindling.postinstall.OutcomeStoreContract;
import io.kindling.pxe.LeaseStore;
import io.kindling.pxe.LeaseStoreContract;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/// The adapters keep the contracts of the interfaces they implement, on the real database.
class StoredContractsTest {

  @TempDir Path state;
  private Database database;

  @BeforeEach
  void open() {
    Database.Opening opening = Database.open(state);
    assertThat(opening).isInstanceOf(Database.Opened.class);
    database = ((Database.Opened) opening).database();
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Nested
  class Leases extends LeaseStoreContract {
    @Override
    protected LeaseStore create() {
      return new StoredLeases(new LeaseTable(database, Runnable::run));
    }
  }

  @Nested
  class Outcomes extends OutcomeStoreContract {
    @Override
    protected OutcomeStore store() {
      var nodes = new JdbcNodeStore(database, new FactsParser());
      add(nodes, new UUID(1, 1), "52:54:00:00:00:01");
      add(nodes, new UUID(1, 2), "52:54:00:00:00:02");
      return new StoredOutcomes(new OutcomeTable(database));
    }

    private void add(JdbcNodeStore nodes, UUID id, String mac) {
      Node n = TestNodes.node("n" + mac.substring(15), mac);
      if (nodes.find(id).isEmpty()) {
        nodes.add(
            new Node(
                id,
                n.name(),
                n.labels(),
                n.state(),
                null,
                null,
                n.macs(),
                n.bootMac(),
                null,
                null,
                n.facts(),
                n.discovered(),
                n.reported(),
                1));
      }
    }
  }
}
