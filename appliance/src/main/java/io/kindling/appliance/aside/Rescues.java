package io.kindling.appliance.aside;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.aside.AsideBook.Aside;
import io.kindling.appliance.deploy.Deployer;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.power.Restarts;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Presence;
import io.kindling.postinstall.InstallPlan.Bootstrap;
import io.kindling.postinstall.TaskLog;
import io.kindling.postinstall.bootstrap.Bootstraps;
import io.kindling.postinstall.bootstrap.Ended;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Nodes whose next boots over the network end in the bootstrap, where an operator logs in and
/// nothing is done to them, until that is ended. Thread-safe.
public final class Rescues {
  private static final Logger logger = LoggerFactory.getLogger(Rescues.class);
  private static final String TASK = "rescue";

  private final NodeStore nodes;
  private final EventStore events;
  private final TaskLog log;
  private final Presence presence;
  private final InstallPlans plans;
  private final Deployer deployer;
  private final Bootstraps bootstraps;
  private final Restarts restarts;
  private final Executor threads;
  private final AsideBook book;
  private final Set<UUID> busy = ConcurrentHashMap.newKeySet();

  /// @param deployer orders nothing meanwhile
  /// @param threads runs what takes its time
  public Rescues(
      NodeStore nodes,
      EventStore events,
      TaskLog log,
      Presence presence,
      InstallPlans plans,
      Deployer deployer,
      Bootstraps bootstraps,
      Restarts restarts,
      Settings settings,
      Executor threads) {
    this.nodes = nodes;
    this.events = events;
    this.log = log;
    this.presence = presence;
    this.plans = plans;
    this.deployer = deployer;
    this.bootstraps = bootstraps;
    this.restarts = restarts;
    this.book = new AsideBook(settings);
    this.threads = threads;
  }

  /// What an operator asks for.
  ///
  /// @param keys public keys to let in beside the appliance's
  /// @param restart have the machine restarted over the network now
  /// @param yes also where its system, with what it serves, goes away for that time
  public record Request(List<String> keys, boolean restart, boolean yes) {
    public Request {
      keys = List.copyOf(keys);
    }
  }

  /// Takes a node aside.
  ///
  /// @param guard throws where the node is not what the caller has seen
  /// @return what comes of it, in words
  /// @throws ApplianceException where it may not be
  public String begin(UUID id, Request request, Consumer<Node> guard) {
    Node before = deployer.alone(() -> aside(id, request, guard));
    boolean here = presence.isPresent(id);
    events.append(
        id,
        "rescue-ordered",
        null,
        before.name()
            + " was "
            + before.state().label()
            + "; it stays in the bootstrap from now on");
    Node node = nodes.find(id).orElse(before);
    if (here && !request.restart()) {
      threads.execute(() -> reported(node));
      return node.name() + " is in the bootstrap and stays there: log in as root";
    }
    if (request.restart()) {
      restarts.begin(node);
    }
    return "%s: its next boot over the network ends in the bootstrap%s. Nothing on its disks is touched"
        .formatted(
            node.name(), request.restart() ? "; it is being restarted, by its BMC or by you" : "");
  }

  private Node aside(UUID id, Request request, Consumer<Node> guard) {
    Node before =
        nodes
            .find(id)
            .orElseThrow(() -> new ApplianceException(ApplianceError.UNKNOWN_NODE, "" + id));
    guard.accept(before);
    Admission.require(before, false);
    if (Admission.startsItsDisk(before) && !request.yes()) {
      throw new ApplianceException(
          ApplianceError.WOULD_STOP,
          "%s is %s, with %s: in rescue its system does not run, and what it serves is missed"
              .formatted(before.name(), before.state().label(), Admission.roles(before)));
    }
    book.keep(
        id, new Aside(before.state(), before.stage(), before.reason(), request.keys(), List.of()));
    nodes.change(
        id,
        n -> {
          guard.accept(n);
          Admission.require(n, false);
          return n.withState(
              NodeState.RESCUE,
              Admission.BOOT,
              "waits for its next boot over the network; it was " + before.state().label());
        });
    return before;
  }

  /// Ends a rescue: the node is what it was before, and is restarted where it is in the bootstrap.
  ///
  /// @param guard throws where the node is not what the caller has seen
  public String end(UUID id, Consumer<Node> guard) {
    Aside aside = book.of(id).orElse(null);
    Node rescued = nodes.find(id).orElse(null);
    if (rescued == null || rescued.state() != NodeState.RESCUE) {
      throw new ApplianceException(
          ApplianceError.NOT_ASIDE, rescued == null ? "" + id : rescued.name());
    }
    nodes.change(
        id,
        n -> {
          guard.accept(n);
          if (n.state() != NodeState.RESCUE) {
            return n;
          }
          return aside == null ? n.withState(NodeState.DISCOVERED, null, null) : aside.restored(n);
        });
    restarts.over(id);
    Node node = nodes.find(id).orElse(rescued);
    events.append(id, "rescue-ended", null, node.name() + " is " + node.state().label() + " again");
    // Known before it leaves: from now on its token is worth nothing where its place is its disk.
    Bootstrap at = plans.bootstrap(node);
    boolean here = presence.isPresent(id);
    if (here) {
      threads.execute(() -> restart(node, at));
    }
    return node.name()
        + " is "
        + node.state().label()
        + " again"
        + (here ? "; it is being restarted" : "");
  }

  private void restart(Node node, Bootstrap at) {
    try {
      switch (bootstraps.restart(at, line -> log.append(node.id(), TASK, line))) {
        case Ended.Done() -> log.append(node.id(), TASK, "restarted");
        case Ended.Refused(String error, String reason) -> stays(node, error + " " + reason);
        case Ended.Failed(String error, String reason) -> stays(node, error + " " + reason);
        case Ended.Away(var error, String reason) -> stays(node, error.id() + " " + reason);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the appliance ends
    } catch (RuntimeException e) {
      logger.error("{} restarting {}", ApplianceError.INTERNAL.id(), node.name(), e);
    }
  }

  private void stays(Node node, String why) {
    events.append(node.id(), "restart-failed", null, node.name() + ": restart it yourself, " + why);
  }

  /// True where a key is still to be let in: the node's bootstrap is to report anew.
  public boolean wantsReport(Node node) {
    return Admission.waits(node, NodeState.RESCUE) && !busy.contains(node.id());
  }

  /// A node has reported from the bootstrap.
  public void reported(Node node) {
    if (node.state() == NodeState.RESCUE && busy.add(node.id())) {
      threads.execute(() -> {
        try {
          welcome(node);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt(); // the appliance ends
        } catch (RuntimeException e) {
          logger.error("{} rescuing {}", ApplianceError.INTERNAL.id(), node.name(), e);
        } finally {
          busy.remove(node.id());
        }
      });
    }
  }

  private static String notLetIn(String failed, boolean again) {
    if (failed.isEmpty()) {
      return "";
    }
    return again
        ? "; your key is not let in yet, which is tried again: " + failed
        : "; your key was not let in: " + failed;
  }

  private void welcome(Node node) throws InterruptedException {
    restarts.over(node.id());
    Bootstrap at = plans.bootstrap(node);
    List<String> keys = book.of(node.id()).map(Aside::keys).orElse(List.of());
    String failed = "";
    boolean again = false;
    if (!keys.isEmpty()) {
      Ended ended = bootstraps.letIn(at, keys, line -> log.append(node.id(), TASK, line));
      again = ended instanceof Ended.Away;
      failed =
          switch (ended) {
            case Ended.Done() -> "";
            case Ended.Refused(String error, String reason) -> error + " " + reason;
            case Ended.Failed(String error, String reason) -> error + " " + reason;
            case Ended.Away(var error, String reason) -> error.id() + " " + reason;
          };
    }
    @Nullable String stage = again ? Admission.BOOT : null;
    String text =
        "in the bootstrap: `ssh root@%s`, by %s; nothing is done to it until the rescue is ended%s"
            .formatted(
                at.address(),
                keys.isEmpty()
                    ? "the appliance's key"
                    : failed.isEmpty() ? "your key or the appliance's" : "the appliance's key",
                notLetIn(failed, again));
    nodes.change(
        node.id(),
        n -> n.state() == NodeState.RESCUE ? n.withState(NodeState.RESCUE, stage, text) : n);
    if (!text.equals(node.reason())) { // it may report again and again
      events.append(node.id(), "node-rescued", null, node.name() + " is " + text);
    }
  }
}
