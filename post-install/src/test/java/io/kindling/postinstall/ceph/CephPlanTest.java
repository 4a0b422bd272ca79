package io.kindling.postinstall.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Packages;
import io.kindling.postinstall.engine.Scope;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CephPlanTest {

  private final CephModel model = Models.hosts(4);
  private final Graph graph = CephPlan.of(model);

  @Test
  void theConfigurationIsTheSameOnEveryNode() {
    var files =
        model.nodes().stream()
            .map(node -> file("configuration", node.name(), CephFiles.CONF))
            .distinct()
            .toList();
    assertThat(files).hasSize(1);
    assertThat(files.getFirst().mode()).isEqualTo("0644");
    assertThat(files.getFirst().content())
        .isEqualTo(
            """
            # Written by Kindling; changes by hand are undone.
            [global]
            fsid = aaaaaaaa-0000-4000-8000-000000000001
            mon_initial_members = n1,n2,n3
            mon_host = [v2:10.0.1.1:3300,v1:10.0.1.1:6789],[v2:10.0.1.2:3300,v1:10.0.1.2:6789],\
            [v2:10.0.1.3:3300,v1:10.0.1.3:6789]
            public_network = 10.0.1.0/24
            cluster_network = 10.0.2.0/24
            auth_cluster_required = cephx
            auth_service_required = cephx
            auth_client_required = cephx
            osd_pool_default_size = 3
            osd_pool_default_min_size = 2
            osd_crush_chooseleaf_type = 1
            mgr_initial_modules = iostat nfs

            [mon]
            auth_allow_insecure_global_id_reclaim = false
            """);
  }

  @Test
  void noMonitorStartsBeforeEveryMonitorHostsClockIsRight() {
    assertThat(task("monitors").after()).contains("time");
    assertThat(task("time").scope().hosts()).containsExactly("n1", "n2", "n3");
    assertThat(task("time").mayFail()).isZero();
  }

  @Test
  void monitorsStartAllAtOnceWithVersionTwoAddresses() {
    assertThat(task("monitors").scope()).isEqualTo(Scope.parallel(List.of("n1", "n2", "n3")));
    assertThat(task("monitors").mayFail()).isZero();
    Command monmap = action("monitors", "n2", "monitor n2").apply().getFirst();
    assertThat(monmap.argv())
        .containsSubsequence("--addv", "n3", "[v2:10.0.1.3:3300,v1:10.0.1.3:6789]");
  }

  @Test
  void nothingOfTheClusterIsAskedBeforeTheQuorumIsWhole() {
    for (String name : List.of("managers", "osds", "pools", "users", "health")) {
      assertThat(before(name)).as(name).contains("quorum");
    }
  }

  @Test
  void anOsdIsMadeOfItsPartitionsIdsAndNoDeviceName() {
    assertThat(action("osds", "n1", "OSD on partition " + new java.util.UUID(2, 1)).apply())
        .containsExactly(
            Command.of(
                CephFiles.OSD,
                "prepare",
                new java.util.UUID(2, 1).toString(),
                new java.util.UUID(3, 1).toString(),
                Models.FSID.toString()));
    assertThat(action("osds", "n1", "OSD on partition " + new java.util.UUID(4, 1)).apply())
        .allMatch(command -> command.argv().get(3).equals("none"));
  }

  @Test
  void eachCapabilityIsOneArgumentWhateverIsInIt() {
    Command add = action("users", "n1", "capabilities of client.glance").apply().getLast();
    assertThat(add.argv())
        .containsSubsequence(
            "mon", "profile rbd", "osd", "profile rbd pool=images, allow r pool='x y'");
    assertThat(add.toString())
        .contains("osd 'profile rbd pool=images, allow r pool='\\''x y'\\'''");
  }

  @Test
  void aKeyThatWaitsForItsServiceIsGivenToAUserThatIsNotThereYetAlone() {
    assertThat(task("users").items().get("n1")).contains(CephPlan.key("client.glance"));
    CephModel waiting =
        model(model.nodes(), model.users().stream().map(CephModel.User::keyedWithService).toList());
    assertThat(CephPlan.of(waiting).toString())
        .contains("known client.glance")
        .doesNotContain("keyed client.glance");
  }

  @Test
  void theAdminsKeyIsOnMonitorHostsOnlyAndAServicesKeyWhereItIsUsed() {
    assertThat(files("configuration", "n4"))
        .noneMatch(f -> f.path().equals(CephFiles.ADMIN_KEYRING));
    assertThat(files("configuration", "n1"))
        .anyMatch(f -> f.path().equals(CephFiles.ADMIN_KEYRING));
    assertThat(files("keyrings", "n2")).isEmpty();
    assertThat(files("keyrings", "n1"))
        .extracting(ManagedFile::path, ManagedFile::mode, ManagedFile::owner)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "/etc/ceph/ceph.client.glance.keyring", "0640", "glance"));
  }

  @Test
  void everyKeyIsASecretOfAFileThatOnlyItsOwnerReads() {
    for (GraphTask task : graph.tasks()) {
      for (List<Item> items : task.items().values()) {
        for (Item item : items) {
          if (item instanceof ManagedFile file && file.content().contains("AQBkey")) {
            assertThat(file.secret()).as(file.path()).isTrue();
            assertThat(file.mode()).as(file.path()).isIn("0600", "0640");
          }
        }
      }
    }
    assertThat(model.toString()).doesNotContain("AQB");
  }

  @Test
  void aNodeGetsThePackagesOfItsPartsAlone() {
    assertThat(packages("n4")).contains("ceph-osd").doesNotContain("ceph-mon", "ceph-mgr");
    assertThat(packages("n1")).contains("ceph-mon", "ceph-mgr", "ceph-osd", "chrony");
  }

  @Test
  void everyNodesOnlySourceOfPackagesIsTheMirrorBeforeAnythingIsInstalled() {
    List<String> titles = items("base", "n4").map(Item::title).toList();
    assertThat(titles)
        .containsSubsequence(
            "file /etc/apt/keyrings/kindling.asc",
            "file /etc/apt/sources.list.d/kindling.list",
            "no other source of packages");
    assertThat(titles.indexOf("no other source of packages"))
        .isLessThan(titles.indexOf("packages " + String.join(" ", packages("n4"))));
    assertThat(file("base", "n4", "/etc/apt/sources.list.d/kindling.list").content())
        .endsWith(
            "deb [signed-by=/etc/apt/keyrings/kindling.asc] http://10.0.0.254/mirror trixie"
                + " main\n");
  }

  @Test
  void aPoolIsMadeWithItsPlacementGroupsAndItsUse() {
    assertThat(action("pools", "n1", "pool images").apply())
        .extracting(Command::toString)
        .containsExactly(
            "ceph osd pool create images 8 8 replicated replicated_rule --autoscale-mode=off"
                + " --size=3",
            "rbd pool init images");
    assertThat(action("pools", "n1", "pool .rgw.root").apply().getLast().toString())
        .isEqualTo("ceph osd pool application enable .rgw.root rgw");
  }

  @Test
  void osdHostsMayBeSetAsideAsLongAsEveryCopyHasAHost() {
    assertThat(task("osds").mayFail()).isEqualTo(1);
    assertThat(CephPlan.of(Models.hosts(3)).tasks()).allMatch(task -> task.mayFail() == 0);
  }

  @Test
  void anEvenNumberOfMonitorsIsRefused() {
    CephModel two = model(model.nodes().subList(0, 2), model.users());
    assertThatThrownBy(() -> CephPlan.of(two)).hasMessageContaining("odd number");
  }

  @Test
  void theSameModelGivesTheSameGraph() {
    assertThat(CephPlan.of(Models.hosts(4))).isEqualTo(graph);
  }

  private CephModel model(List<CephModel.Node> nodes, List<CephModel.User> users) {
    return new CephModel(
        model.fsid(),
        model.publicNetwork(),
        null,
        model.timeServers(),
        null,
        nodes,
        model.redundancy(),
        model.pools(),
        users,
        null,
        model.keys(),
        null);
  }

  private GraphTask task(String name) {
    return graph.tasks().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  private java.util.Set<String> before(String name) {
    var found = new java.util.TreeSet<String>();
    for (String needed : task(name).after()) {
      found.add(needed);
      found.addAll(before(needed));
    }
    return found;
  }

  private Stream<Item> items(String task, String host) {
    return task(task).items().getOrDefault(host, List.of()).stream();
  }

  private List<ManagedFile> files(String task, String host) {
    return items(task, host)
        .filter(ManagedFile.class::isInstance)
        .map(ManagedFile.class::cast)
        .toList();
  }

  private ManagedFile file(String task, String host, String path) {
    return files(task, host).stream().filter(f -> f.path().equals(path)).findFirst().orElseThrow();
  }

  private Action action(String task, String host, String title) {
    return items(task, host)
        .filter(i -> i instanceof Action && i.title().equals(title))
        .map(Action.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private List<String> packages(String host) {
    return items("base", host)
        .filter(Packages.class::isInstance)
        .flatMap(i -> ((Packages) i).names().stream())
        .toList();
  }
}
