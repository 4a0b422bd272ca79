package io.kindling.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/// What every [NodeStore] does.
public abstract class NodeStoreContract {

  /// An empty store, the same within one test.
  protected abstract NodeStore store() throws Exception;

  /// The store as a restarted appliance finds it; where nothing is kept, the same.
  protected abstract NodeStore reopened() throws Exception;

  private static final String A = "52:54:00:00:00:0a";
  private static final String B = "52:54:00:00:00:0b";

  @Test
  void anAddedNodeIsFoundByIdNameAndEachAddress() throws Exception {
    Node node = store().add(TestNodes.node("one", A, B));
    assertThat(store().find(node.id())).contains(node);
    assertThat(store().findByName("one")).contains(node);
    assertThat(store().findByMac(A)).contains(node);
    assertThat(store().findByMac(B)).contains(node);
    assertThat(store().all()).containsExactly(node);
  }

  @Test
  void nothingIsFoundByWhatNoNodeHas() throws Exception {
    assertThat(store().find(UUID.randomUUID())).isEmpty();
    assertThat(store().findByName("one")).isEmpty();
    assertThat(store().findByMac(A)).isEmpty();
    assertThat(store().all()).isEmpty();
    assertThat(store().document(UUID.randomUUID())).isEmpty();
  }

  @Test
  void aNodeIsTheSameAfterARestart() throws Exception {
    Node plain = store().add(TestNodes.node("plain", A));
    Node assigned =
        store()
            .add(
                TestNodes.node("assigned", B)
                    .withState(NodeState.ERROR, "partition", "LAY-001 'x' \"y\" \\ {{ z }}")
                    .withAssignment(
                        new Assignment(
                            3,
                            Set.of(Role.CEPH_MON, Role.CONTROLLER),
                            Map.of("management", "10.20.0.10/24"),
                            "[{\"id\":\"x\"}]",
                            true,
                            "ssh-ed25519 AAAA",
                            "ABCD-EF01")));
    assertThat(reopened().find(plain.id())).contains(plain);
    assertThat(reopened().find(assigned.id())).contains(assigned);
    assertThat(reopened().findByMac(B)).contains(assigned);
    assertThat(reopened().all()).containsExactly(assigned, plain);
  }

  @Test
  void aNodeWithoutFactsIsTheSameAfterARestart() throws Exception {
    Node node =
        store().add(TestNodes.node("one").withReport(Set.of(), null, null, null, TestNodes.NOON));
    assertThat(reopened().find(node.id())).contains(node);
  }

  @Test
  void nodesAreListedByName() throws Exception {
    Node b = store().add(TestNodes.node("b", B));
    Node a = store().add(TestNodes.node("a", A));
    assertThat(store().all()).containsExactly(a, b);
  }

  @Test
  void aTakenIdNameOrAddressIsRefused() throws Exception {
    Node node = store().add(TestNodes.node("one", A));
    NodeStore store = store();
    assertThatThrownBy(() -> store.add(node.withName("other")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.add(TestNodes.node("two", A)))
        .isInstanceOf(IllegalArgumentException.class);
    Node two = store.add(TestNodes.node("two", B));
    assertThatThrownBy(() -> store.change(two.id(), n -> n.withName("one")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(store.all()).containsExactly(node, two);
    assertThat(reopened().all()).containsExactly(node, two);
  }

  @Test
  void aChangeCountsTheVersionUpAndIsThereAfterARestart() throws Exception {
    Node node = store().add(TestNodes.node("one", A));
    var done =
        (NodeStore.Changed.Done)
            store()
                .change(node.id(), n -> n.withState(NodeState.ASSIGNED, null, null).withName("x"));
    assertThat(done.node())
        .isEqualTo(node.withState(NodeState.ASSIGNED, null, null).withName("x").withVersion(2));
    assertThat(store().findByName("one")).isEmpty();
    assertThat(store().findByName("x")).contains(done.node());
    assertThat(reopened().find(node.id())).contains(done.node());
  }

  @Test
  void aChangeThatReturnsItsNodeChangesNothing() throws Exception {
    Node node = store().add(TestNodes.node("one", A));
    assertThat(store().change(node.id(), n -> n)).isEqualTo(new NodeStore.Changed.Done(node));
  }

  @Test
  void aChangeThatThrowsChangesNothingAndTheStoreGoesOn() throws Exception {
    Node node = store().add(TestNodes.node("one", A));
    NodeStore store = store();
    assertThatThrownBy(() ->
            store.change(
                node.id(),
                n -> {
                  throw new IllegalStateException("no");
                }))
        .hasMessage("no");
    assertThat(store.find(node.id())).contains(node);
    assertThat(store.change(node.id(), n -> n.withName("x")))
        .isInstanceOf(NodeStore.Changed.Done.class);
  }

  @Test
  void aChangeOfAnUnknownNodeSaysSo() throws Exception {
    UUID id = UUID.randomUUID();
    assertThat(store().change(id, n -> n)).isEqualTo(new NodeStore.Changed.Unknown(id));
  }

  @Test
  void addressesCanMoveFromOneNodeToAnother() throws Exception {
    Node one = store().add(TestNodes.node("one", A, B));
    Node two = store().add(TestNodes.node("two"));
    store().change(one.id(), n -> withMacs(n, Set.of(A)));
    store().change(two.id(), n -> withMacs(n, Set.of(B)));
    assertThat(store().findByMac(A).map(Node::name)).contains("one");
    assertThat(store().findByMac(B).map(Node::name)).contains("two");
    assertThat(reopened().findByMac(B).map(Node::name)).contains("two");
  }

  @Test
  void aRemovedNodeIsFoundByIdOnlyAndItsNameAndAddressesAreFree() throws Exception {
    Node node = store().add(TestNodes.node("one", A));
    store().change(node.id(), n -> n.withState(NodeState.REMOVED, null, null));
    assertThat(store().all()).isEmpty();
    assertThat(store().findByName("one")).isEmpty();
    assertThat(store().findByMac(A)).isEmpty();
    assertThat(store().find(node.id()).map(Node::state)).contains(NodeState.REMOVED);
    Node again =
        new Node(
            UUID.randomUUID(),
            "one",
            Set.of(),
            NodeState.DISCOVERED,
            null,
            null,
            Set.of(A),
            A,
            null,
            null,
            null,
            TestNodes.NOON,
            TestNodes.NOON,
            1);
    store().add(again);
    assertThat(store().findByMac(A)).contains(again);
    assertThat(reopened().findByMac(A)).contains(again);
    assertThat(reopened().find(node.id()).map(Node::state)).contains(NodeState.REMOVED);
    assertThat(reopened().all()).containsExactly(again);
  }

  @Test
  void theLastDocumentIsKeptAsItCame() throws Exception {
    Node node = store().add(TestNodes.node("one", A));
    byte[] large = new byte[3 << 20];
    new java.util.Random(7).nextBytes(large); // Does not deflate: several parts.
    store().keepDocument(node.id(), large);
    assertThat(reopened().document(node.id()).orElseThrow()).isEqualTo(large);
    store().keepDocument(node.id(), new byte[] {1, 0, 2});
    assertThat(reopened().document(node.id()).orElseThrow()).containsExactly(1, 0, 2);
  }

  @Test
  void aDocumentOfAnUnknownNodeIsNotKept() throws Exception {
    UUID id = UUID.randomUUID();
    store().keepDocument(id, new byte[] {1});
    assertThat(store().document(id)).isEmpty();
  }

  @Test
  void changesByManyAtOnceAreAllCounted() throws Exception {
    NodeStore store = store();
    Node node = store.add(TestNodes.node("one", A).withLabels(Set.of()));
    int many = 200;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < many; i++) {
        String label = "l" + i;
        threads.submit(() ->
            store.change(
                node.id(),
                n -> {
                  var labels = new java.util.HashSet<>(n.labels());
                  labels.add(label);
                  return n.withLabels(labels);
                }));
      }
    }
    assertThat(store.find(node.id()).orElseThrow().labels()).hasSize(many);
    assertThat(reopened().find(node.id()).orElseThrow().version()).isEqualTo(many + 1);
  }

  private static Node withMacs(Node n, Set<String> macs) {
    return n.withReport(macs, n.bootMac(), n.uuid(), n.facts(), n.reported());
  }
}
