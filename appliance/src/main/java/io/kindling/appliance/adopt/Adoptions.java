package io.kindling.appliance.adopt;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.account.Protection;
import io.kindling.appliance.boot.BootTable;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.net.Cidr;
import io.kindling.appliance.power.Restarts;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeState;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Presence;
import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.Sleeper;
import io.kindling.postinstall.adopt.AdoptionException;
import io.kindling.postinstall.adopt.InstalledSystems;
import io.kindling.postinstall.adopt.InstalledSystems.Found;
import io.kindling.postinstall.ssh.SshConnector;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What becomes of machines that come to the bootstrap with a system that this appliance did not
/// install. One that just comes is looked at, which changes nothing on its disks, and goes back to
/// its own disk at once. Adopted, it becomes a machine with its own operating system, which is
/// never installed: by the former appliance's key, or by letting this one's key in from the
/// bootstrap. Thread-safe.
public final class Adoptions {
  private static final Logger logger = LoggerFactory.getLogger(Adoptions.class);
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  /// A server's firmware takes that long, with its memory test.
  static final Duration BOOT = Duration.ofMinutes(20);

  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final NodeStore nodes;
  private final EventStore events;
  private final Settings settings;
  private final Presence presence;
  private final InstallPlans plans;
  private final InstalledSystems systems;
  private final SshConnector own;
  private final Supplier<List<String>> invitation;
  private final String publicKey;
  private final Cidr network;
  private final Restarts restarts;
  private final Clock clock;
  private final Sleeper sleeper;
  private final Executor threads;
  private final Set<UUID> busy = ConcurrentHashMap.newKeySet();

  /// @param own logs in with this appliance's key
  /// @param invitation the commands by which one machine joins, each made for one
  /// @param publicKey this appliance's OpenSSH public key line
  /// @param network the provisioning network
  /// @param threads runs what takes its time
  public Adoptions(
      NodeStore nodes,
      EventStore events,
      Settings settings,
      Presence presence,
      InstallPlans plans,
      SshConnector own,
      Supplier<List<String>> invitation,
      String publicKey,
      Cidr network,
      Restarts restarts,
      Clock clock,
      Sleeper sleeper,
      Executor threads) {
    this.nodes = nodes;
    this.events = events;
    this.settings = settings;
    this.presence = presence;
    this.plans = plans;
    this.systems = new InstalledSystems(own);
    this.own = own;
    this.invitation = invitation;
    this.publicKey = publicKey;
    this.network = network;
    this.restarts = restarts;
    this.clock = clock;
    this.sleeper = sleeper;
    this.threads = threads;
  }

  /// What became of an order.
  ///
  /// @param adopted false where the machine has to boot first
  /// @param text what was done, or what is waited for
  public record Outcome(boolean adopted, String text) {}

  /// True while an adoptable machine is in the bootstrap: it does not belong there.
  public boolean wantsReport(Node node) {
    return node.state() == NodeState.ADOPTABLE;
  }

  /// A machine has reported from the bootstrap.
  public void reported(Node node) {
    if (node.state() == NodeState.ADOPTABLE && busy.add(node.id())) {
      threads.execute(() -> {
        try {
          visit(node);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt(); // the appliance ends; the machine reports again
        } catch (RuntimeException e) {
          logger.error("{} visiting {}", ApplianceError.INTERNAL.id(), node.name(), e);
        } finally {
          busy.remove(node.id());
        }
      });
    }
  }

  private void visit(Node node) throws InterruptedException {
    boolean ordered = BootTable.VISIT.equals(node.stage());
    restarts.over(node.id());
    try {
      Found found =
          systems.visit(
              plans.bootstrap(node),
              InstallPlans.ADMIN_USER,
              ordered ? Optional.of(publicKey) : Optional.empty());
      settings.put(key(node.id()), Json.text(found));
      Node told = offered(node, found, ordered);
      if (ordered) {
        await(told, found);
      }
    } catch (AdoptionException e) {
      failed(node.id(), e);
    }
  }

  /// The machine as it is offered from now on: under the name that it has.
  private Node offered(Node node, Found found, boolean ordered) {
    String where = address(found).orElse("an unknown address");
    boolean named =
        NAME.matcher(found.name()).matches() && nodes.findByName(found.name()).isEmpty();
    String text =
        "another appliance installed it as %s, %s; it starts its own disk. `kindling node adopt`"
            .formatted(found.name().isEmpty() ? "nobody" : found.name(), where);
    nodes.change(
        node.id(),
        n -> {
          if (n.state() != NodeState.ADOPTABLE) {
            return n;
          }
          return (named ? n.withName(found.name()) : n).withState(n.state(), null, text);
        });
    Node after = nodes.find(node.id()).orElse(node);
    if (!text.equals(node.reason()) || ordered) {
      events.append(
          node.id(),
          "node-offered",
          null,
          "%s: %s%s".formatted(after.name(), text, ordered ? "; the key was let in" : ""));
    }
    return after;
  }

  /// The machine is on its way to its own disk, and lets this appliance in there.
  private void await(Node node, Found found) throws InterruptedException, AdoptionException {
    String address = address(found).orElse("");
    Instant end = clock.instant().plus(BOOT);
    while (!address.isEmpty()
        && clock.instant().isBefore(end)
        && !systems.admits(address, found.hostKeys(), InstallPlans.ADMIN_USER)) {
      sleeper.sleep(PAUSE, new Cancellation());
    }
    join(own, node, address, found.hostKeys());
  }

  /// Brings a machine in.
  ///
  /// @param former logs in with the key that the installed system knows; else this appliance's own
  ///   is tried, and where that is not let in, the machine has to boot once
  /// @param at where the installed system answers, where that is not where it said
  /// @throws ApplianceException where it cannot be
  public Outcome adopt(Node node, Optional<SshConnector> former, Optional<String> at)
      throws InterruptedException {
    if (node.state() != NodeState.ADOPTABLE) {
      throw new ApplianceException(
          ApplianceError.NOT_ADOPTABLE, node.name() + " is " + node.state().label());
    }
    Optional<Found> found = found(node.id());
    String address = at.or(() -> found.flatMap(this::address)).orElse("");
    List<String> hostKeys = found.map(Found::hostKeys).orElse(List.of());
    if (!address.isEmpty() && !hostKeys.isEmpty()) {
      try {
        join(former.orElse(own), node, address, hostKeys);
        return new Outcome(true, node.name() + " is adopted: it keeps its system and its disks");
      } catch (AdoptionException e) {
        if (former.isPresent()) {
          throw new ApplianceException(ApplianceError.NOT_ADOPTED, e.text(), e);
        }
        logger.info("{} does not let this appliance in yet: {}", node.name(), e.text());
      }
    } else if (former.isPresent()) {
      throw new ApplianceException(
          ApplianceError.NOT_ADOPTED, "its address or its host key is not known yet");
    }
    nodes.change(
        node.id(),
        n ->
            n.state() == NodeState.ADOPTABLE
                ? n.withState(n.state(), BootTable.VISIT, n.reason())
                : n);
    events.append(
        node.id(),
        "adoption-ordered",
        null,
        node.name() + ": its next boot over the network lets this appliance's key in");
    if (!presence.isPresent(node.id())) { // else it is in the bootstrap, and reports in a moment
      restarts.begin(node);
    }
    return new Outcome(
        false,
        node.name()
            + ": it boots into the bootstrap once, where this appliance's key is let into its"
            + " system, and then its own disk. Its BMC restarts it where that is known; else"
            + " restart it yourself, network first");
  }

  private void join(SshConnector by, Node node, String address, List<String> hostKeys)
      throws AdoptionException, InterruptedException {
    String script = "set -e\ncd \"$(mktemp -d)\"\n" + String.join("\n", invitation.get()) + "\n";
    InstalledSystems.take(by, address, hostKeys, InstallPlans.ADMIN_USER, script);
    nodes.change(
        node.id(),
        n -> {
          Set<String> labels = new HashSet<>(n.labels());
          labels.add(Protection.LABEL);
          return n.withLabels(labels);
        });
    settings.put(key(node.id()), "");
    Node now = nodes.find(node.id()).orElse(node);
    events.append(
        node.id(),
        "node-adopted",
        null,
        "%s at %s is %s, with the system and disks that it had, and protected"
            .formatted(now.name(), address, now.state().label()));
  }

  private void failed(UUID id, AdoptionException e) {
    Node node = nodes.find(id).orElse(null);
    if (node == null || node.state() != NodeState.ADOPTABLE) {
      return;
    }
    // It is not to come to the bootstrap again and again.
    nodes.change(
        id, n -> n.state() == NodeState.ADOPTABLE ? n.withState(n.state(), null, e.text()) : n);
    if (!e.text().equals(node.reason())) { // it reports every few seconds until it is gone
      events.append(id, "adoption-failed", e.error().id(), node.name() + ": " + e.text());
    }
  }

  private Optional<Found> found(UUID node) {
    return settings
        .get(key(node))
        .filter(text -> !text.isEmpty())
        .map(text -> Json.read(text.getBytes(StandardCharsets.UTF_8), Found.class));
  }

  /// Where the installed system answers; best on the provisioning network.
  private Optional<String> address(Found found) {
    List<String> good = new ArrayList<>();
    for (String address : new TreeSet<>(found.addresses())) {
      Addresses.parse(address)
          .ifPresent(a -> good.add(network.contains(a) ? 0 : good.size(), address));
    }
    return good.stream().findFirst();
  }

  private static String key(UUID node) {
    return "found/" + node;
  }
}
