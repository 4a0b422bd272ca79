package io.kindling.appliance.aside;

import io.kindling.appliance.deploy.KsgenPlanner;
import io.kindling.appliance.testing.Bench;
import io.kindling.appliance.testing.Machines;
import io.kindling.inventory.Credentials;
import io.kindling.inventory.Event;
import io.kindling.inventory.Node;
import io.kindling.inventory.ReportResult;
import io.kindling.inventory.facts.Facts;
import io.kindling.postinstall.bootstrap.Bootstraps;
import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.BootStage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/// Rescues and wipes over the appliance's parts on fakes; what takes its time is done at once.
public final class AsideBench implements AutoCloseable {
  public final Bench bench;
  public final PlayedBootstrap machine = new PlayedBootstrap();
  public final Rescues rescues;
  public final Wipes wipes;

  public AsideBench(Path state) {
    bench = new Bench(state);
    var bootstraps = new Bootstraps(machine);
    rescues =
        new Rescues(
            bench.nodes,
            bench.events,
            bench.logs,
            bench.presence,
            bench.plans,
            bench.deployer,
            bootstraps,
            bench.restarts,
            bench.settings,
            Runnable::run);
    wipes = newWipes();
  }

  /// Those of an appliance that was started anew on the same store.
  Wipes newWipes() {
    return new Wipes(
        bench.nodes,
        bench.events,
        bench.logs,
        bench.presence,
        bench.plans,
        new KsgenPlanner(),
        bench.deployer,
        new Bootstraps(machine),
        bench.restarts,
        bench.settings,
        UUID::randomUUID,
        Runnable::run);
  }

  public Node node() {
    return bench.node(1);
  }

  /// The machine reports from the bootstrap with its boot's token, as the appliance takes it.
  Node reports() {
    return reports(Machines.text(1));
  }

  Node reports(String document) {
    Node node = node();
    ReportResult result =
        bench.inventory.report(
            document.getBytes(StandardCharsets.UTF_8), new Credentials.OwnToken(node.id()));
    if (!(result instanceof ReportResult.Updated(Node told, List<String> warnings))) {
      throw new AssertionError(result + "");
    }
    bench.presence.seen(told.id());
    bench.board.spokeFrom(told.id(), "10.20.0.100");
    wipes.reported(told);
    rescues.reported(node());
    return node();
  }

  BootAnswer answer(BootStage stage) {
    return bench.decisions.answer(bench.address(1), stage);
  }

  List<String> kinds() {
    return bench.events.last(100).stream().map(Event::kind).toList();
  }

  public List<Facts.Disk> disks() {
    Facts facts = node().facts();
    return facts == null ? List.of() : facts.disks();
  }

  @Override
  public void close() {
    bench.close();
  }
}
