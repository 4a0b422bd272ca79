package io.kindling.appliance.power;

import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.http.Json;
import io.kindling.inventory.Node;
import io.kindling.inventory.facts.Facts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// How BMCs are reached, by node and by label: the node's own entry, else that of its label.
/// Thread-safe.
public final class PowerBook {
  private static final String KEY = "power.";

  private final Settings sealed;
  private final Map<Owner, Optional<BmcAccess>> read = new ConcurrentHashMap<>();

  /// @param sealed keeps what it is given unreadable without the appliance's key
  public PowerBook(Settings sealed) {
    this.sealed = sealed;
  }

  /// Whose access it is.
  ///
  /// @param kind `node` or `label`
  public record Owner(String kind, String name) {
    public static Owner node(Node node) {
      return new Owner("node", node.id().toString());
    }

    public static Owner label(String label) {
      return new Owner("label", label);
    }

    private String key() {
      return KEY + kind + "." + name;
    }
  }

  /// @param from `node` or `label NAME`
  public record Found(BmcAccess access, String from) {}

  public void put(Owner owner, BmcAccess access) {
    sealed.put(owner.key(), Json.text(access));
    read.put(owner, Optional.of(access));
  }

  public void remove(Owner owner) {
    sealed.put(owner.key(), "");
    read.put(owner, Optional.empty());
  }

  public Optional<BmcAccess> get(Owner owner) {
    return read.computeIfAbsent(owner, o -> open(o.key())); // a list of nodes asks for each
  }

  private Optional<BmcAccess> open(String key) {
    return sealed
        .get(key)
        .filter(text -> !text.isEmpty())
        .map(text -> Json.read(text.getBytes(StandardCharsets.UTF_8), BmcAccess.class));
  }

  /// What holds for the node, empty where nothing is set.
  ///
  /// @throws PowerException where two labels say differently
  public Optional<Found> of(Node node) {
    Optional<BmcAccess> own = get(Owner.node(node));
    if (own.isPresent()) {
      return own.map(access -> new Found(addressed(access, node), "node"));
    }
    var found = new ArrayList<Found>();
    for (String label : new TreeSet<>(node.labels())) {
      get(Owner.label(label)).ifPresent(access -> found.add(new Found(access, "label " + label)));
    }
    if (found.stream().map(Found::access).distinct().count() > 1) {
      throw new PowerException(
          PowerError.AMBIGUOUS,
          node.name() + ": " + String.join(", ", found.stream().map(Found::from).toList()));
    }
    return found.stream().findFirst().map(f -> new Found(addressed(f.access(), node), f.from()));
  }

  private static BmcAccess addressed(BmcAccess access, Node node) {
    Facts facts = node.facts();
    return access.address() == null && facts != null && facts.bmcAddress() != null
        ? access.at(facts.bmcAddress())
        : access;
  }

  /// The labels that have an access.
  ///
  /// @param names of all settings
  public Set<String> labels(Set<String> names) {
    String prefix = Owner.label("").key();
    return names.stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .filter(label -> get(Owner.label(label)).isPresent())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// Every password there is, for who must not let one out.
  ///
  /// @param names of all settings
  public List<String> passwords(Set<String> names) {
    return names.stream()
        .filter(name -> name.startsWith(KEY))
        .flatMap(name -> open(name).stream())
        .map(BmcAccess::password)
        .filter(password -> !password.isEmpty())
        .toList();
  }
}
