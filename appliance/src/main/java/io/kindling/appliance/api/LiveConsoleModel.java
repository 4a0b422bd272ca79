package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.console.ConsoleModel;
import io.kindling.appliance.deploy.InstallPlans;
import io.kindling.appliance.deploy.Kickstarts;
import io.kindling.appliance.http.Json;
import io.kindling.inventory.Event;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.postinstall.TaskLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// What the console shows: the API's own views. Thread-safe.
public final class LiveConsoleModel implements ConsoleModel {

  private final NodeStore nodes;
  private final EventStore events;
  private final NodeBook book;
  private final InstallPlans plans;
  private final Kickstarts kickstarts;
  private final TaskLog logs;
  private final Streams streams;
  private final Supplier<Object> status;
  private final Supplier<? extends Optional<?>> networks;

  /// @param networks the last verification of networks
  public LiveConsoleModel(
      NodeStore nodes,
      EventStore events,
      NodeViews views,
      InstallPlans plans,
      Kickstarts kickstarts,
      TaskLog logs,
      Supplier<Object> status,
      Supplier<? extends Optional<?>> networks) {
    this.nodes = nodes;
    this.events = events;
    this.book = new NodeBook(nodes, views);
    this.plans = plans;
    this.kickstarts = kickstarts;
    this.logs = logs;
    this.streams = new Streams(events, logs, nodes);
    this.status = status;
    this.networks = networks;
  }

  @Override
  public Listed nodes(Map<String, ? extends Collection<String>> query, int length) {
    NodeListing.Page page = book.find(NodeQuery.of(query).paged(length));
    var counts = new LinkedHashMap<String, Integer>();
    page.counts().forEach((state, number) -> counts.put(state.label(), number));
    return new Listed(
        page.nodes().stream().map(book::row).toList(),
        page.total(),
        page.matching(),
        counts,
        page.next().map(NodeQuery.NodeKey::token));
  }

  @Override
  public List<UUID> found(Map<String, ? extends Collection<String>> query) {
    return book.find(NodeQuery.of(query)).nodes().stream().map(Node::id).toList();
  }

  @Override
  public Optional<Map<String, Object>> node(String idOrName) {
    return find(idOrName).map(book::view);
  }

  @Override
  public Optional<Map<String, Object>> hardware(String idOrName) {
    return find(idOrName).map(book::hardware);
  }

  @Override
  public Optional<String> kickstart(String idOrName) {
    try {
      return find(idOrName).flatMap(kickstarts::preview);
    } catch (ApplianceException cannotBeMade) {
      return Optional.of(cannotBeMade.error().id() + " " + cannotBeMade.detail());
    }
  }

  @Override
  public List<Map<String, Object>> events(int limit) {
    var newest = new ArrayList<Map<String, Object>>();
    for (Event event : events.last(limit)) {
      newest.add(Json.map(streams.view(event)));
    }
    return newest;
  }

  @Override
  public Map<String, Object> status() {
    return Json.map(status.get());
  }

  @Override
  public Optional<Map<String, Object>> networks() {
    return networks.get().map(Json::map);
  }

  @Override
  public Optional<String> script(String idOrName) {
    try {
      return find(idOrName).filter(n -> n.assignment() != null).map(plans::script);
    } catch (ApplianceException diskGone) {
      return Optional.empty(); // the plan beside it says why
    }
  }

  @Override
  public Optional<String> plan(String idOrName) {
    return find(idOrName).flatMap(plans::table);
  }

  @Override
  public List<String> logTail(String idOrName, int lines) {
    return find(idOrName)
        .map(n -> logs.last(n.id(), lines).stream().map(Streams::line).toList())
        .orElse(List.of());
  }

  private Optional<Node> find(String idOrName) {
    Optional<Node> named = nodes.findByName(idOrName);
    if (named.isPresent()) {
      return named;
    }
    try {
      return nodes.find(UUID.fromString(idOrName));
    } catch (IllegalArgumentException notAnId) {
      return Optional.empty();
    }
  }
}
