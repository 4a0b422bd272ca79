package io.kindling.appliance.backup;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.daytwo.DayTwo;
import io.kindling.appliance.deploy.Assigner;
import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.store.StoredSettings;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.StoreException;
import io.kindling.inventory.facts.FactsParser;
import io.kindling.inventory.store.Database;
import io.kindling.inventory.store.JdbcEventStore;
import io.kindling.inventory.store.JdbcNodeStore;
import io.kindling.inventory.store.SettingsTable;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a state from the past must not do to machines that went on without it: an installation or
/// an operation that was under way then may be long done, and a machine that was blank then may
/// serve. So nothing goes on by itself, and nothing is laid out by what disks held then.
final class Aftercare {
  private final Clock clock;

  Aftercare(Clock clock) {
    this.clock = clock;
  }

  /// Stops what was under way, in a state directory with a database and no appliance.
  ///
  /// @return what was stopped, in words
  List<String> settle(Path state, About about) {
    Database database =
        switch (Database.open(state)) {
          case Database.Opened(Database opened) -> opened;
          case Database.Refused(var error, String reason) ->
              throw new StoreException(
                  error.id() + " " + error.summary() + " " + reason, new IllegalStateException());
        };
    try (database) {
      var settings = new StoredSettings(new SettingsTable(database));
      var nodes = new JdbcNodeStore(database, new FactsParser());
      var events = new JdbcEventStore(database, clock);
      String reason =
          ApplianceError.RESTORED_MIDWAY.id() + " " + ApplianceError.RESTORED_MIDWAY.summary();
      var notes = new ArrayList<String>();
      for (Node node : nodes.all()) {
        switch (node.state()) {
          case DISCOVERED, ASSIGNED ->
              nodes.change(
                  node.id(),
                  n -> n.withAssignment(null).withState(NodeState.DISCOVERED, null, null));
          case PROVISIONING, WIPING -> {
            nodes.change(node.id(), n -> n.withState(NodeState.ERROR, n.stage(), reason));
            notes.add(
                node.name()
                    + " was being installed or wiped then: it is in error until you decide");
          }
          case PROVISIONED, DEPLOYING, READY, ERROR, RESCUE, QUARANTINED, ADOPTABLE, REMOVED -> {
            // what it holds or serves stays so; phases look before they change anything
          }
        }
      }
      Assigner.onlyByReportsFromNow(settings, clock.instant());
      stopped(settings, reason).ifPresent(notes::add);
      events.append(
          null, "restored", null, "this appliance was restored from the backup of " + about.made());
      return notes;
    }
  }

  private static Optional<String> stopped(Settings settings, String reason) {
    return DayTwo.stop(settings, ApplianceError.RESTORED_MIDWAY.id(), reason)
        .map(title -> title + ": it was under way then; look, then `kindling operation resume`");
  }
}
