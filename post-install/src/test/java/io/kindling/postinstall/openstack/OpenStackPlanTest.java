package io.kindling.postinstall.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.GraphTask;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.OpenStackModel.Objects;
import io.kindling.postinstall.openstack.OpenStackModel.Tls;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OpenStackPlanTest {

  private static final List<Host> CONTROLLERS = List.of(host(1), host(2), host(3));
  private static final Tls TLS =
      new Tls("authority\n", "certificate\n", "-----\nkey-of-the-load-balancer\n-----\n");
  private static final Map<String, String> USERS =
      Map.of("images", "glance", "placement", "placement", "volumes", "cinder");
  private final Graph graph = OpenStackPlan.of(model(secrets()));

  private static Host host(int number) {
    return new Host(
        new UUID(0, number), 1, "n" + number, "10.0.0." + number, 22, "kindling", List.of());
  }

  private static Map<String, String> secrets() {
    var secrets = new TreeMap<String, String>();
    OpenStackModel.secretNames().forEach(name -> secrets.put(name, "word-of-" + name));
    return secrets;
  }

  private static OpenStackModel model(Map<String, String> secrets) {
    return new OpenStackModel(
        "rack1",
        CONTROLLERS,
        "10.0.0.9",
        TLS,
        secrets,
        List.of("n2", "n3"),
        "key-of-the-images",
        "key-of-volumes",
        "key-of-backups",
        List.of(),
        new Objects(List.of("n1", "n3")),
        null);
  }

  private GraphTask task(String name) {
    return graph.tasks().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  private List<Item> items(String task) {
    return java.util.Objects.requireNonNull(task(task).items().get("n1"));
  }

  private Stream<ManagedFile> files() {
    return graph.tasks().stream()
        .flatMap(task -> task.items().values().stream())
        .flatMap(List::stream)
        .filter(ManagedFile.class::isInstance)
        .map(ManagedFile.class::cast);
  }

  private String file(String path) {
    return files().filter(f -> f.path().equals(path)).findFirst().orElseThrow().content();
  }

  @Test
  void theSameModelGivesTheSameGraph() {
    assertThat(OpenStackPlan.of(model(secrets()))).isEqualTo(graph);
  }

  @Test
  void servicesRunOnTheFirstControllerAndEveryControllerLeadsThere() {
    assertThat(task("images").scope().hosts()).containsExactly("n1");
    assertThat(task("control-front").scope().hosts()).containsExactly("n1", "n2", "n3");
    assertThat(file("/etc/haproxy/openstack.cfg"))
        .contains(
            """
            frontend image
              bind 10.0.0.9:9292 ssl crt /etc/haproxy/openstack.pem alpn h2,http/1.1
              http-request set-header X-Forwarded-Proto https
              default_backend image
            backend image
              option httpchk GET /healthcheck
              server n1 10.0.0.1:9292 check inter 2s fall 2 rise 2
            """);
  }

  @Test
  void everyServiceListensOnItsHostsOwnAddress() {
    assertThat(file("/etc/keystone/kindling-uwsgi.ini")).contains("http-socket = 10.0.0.1:5000\n");
    assertThat(file("/etc/placement/kindling-uwsgi.ini"))
        .contains("http-socket = 10.0.0.1:8778\n", "wsgi-file = /usr/bin/placement-api\n");
    assertThat(file("/etc/glance/glance-api.conf"))
        .contains("bind_host = 10.0.0.1\nbind_port = 9292\n");
    assertThat(file("/etc/mysql/mariadb.conf.d/90-kindling.cnf"))
        .contains("bind_address = 10.0.0.1\n", "innodb_snapshot_isolation = OFF\n");
    assertThat(file("/etc/rabbitmq/rabbitmq.conf")).contains("listeners.tcp.1 = 10.0.0.1:5672\n");
  }

  @Test
  void imagesLieInCephAreMadeRawAndTellNobodyWhere() {
    assertThat(file("/etc/glance/glance-api.conf"))
        .contains(
            "rbd_store_pool = images\nrbd_store_user = glance\n",
            "image_import_plugins = [image_conversion]\n",
            "output_format = raw\n",
            "show_image_direct_url = false\nshow_multiple_locations = false\n",
            "connection = mysql+pymysql://glance:word-of-database.glance@10.0.0.1/glance?",
            "auth_url = https://10.0.0.9:5000\n",
            "service_token_roles_required = true\n");
    assertThat(file("/etc/ceph/ceph.client.glance.keyring"))
        .isEqualTo("[client.glance]\n\tkey = key-of-the-images\n");
  }

  @Test
  void volumesAreClonesOfWhatAGlanceForServicesAloneTellsOf() {
    String conf = file("/etc/glance/glance-api-internal.conf");
    assertThat(conf)
        .contains(
            "bind_port = 9293\n", "show_image_direct_url = true\nshow_multiple_locations = true\n");
    assertThat(file("/etc/haproxy/openstack.cfg")).doesNotContain("9293");
    assertThat(file("/etc/cinder/cinder.conf"))
        .contains(
            "glance_api_servers = http://10.0.0.1:9293\n",
            "enabled_backends = ceph\n",
            "rbd_pool = volumes\nrbd_user = cinder\n",
            "transport_url = rabbit://openstack:word-of-queue@10.0.0.1:5672/\n",
            "rabbit_quorum_queue = true\n");
  }

  @Test
  void backupsOfVolumesLieInTheirOwnPoolByTheirOwnUser() {
    assertThat(file("/etc/cinder/cinder.conf"))
        .contains(
            "backup_driver = cinder.backup.drivers.ceph.CephBackupDriver\n",
            "backup_ceph_user = cinder-backup\nbackup_ceph_pool = backups\n");
    assertThat(file("/etc/ceph/ceph.client.cinder-backup.keyring"))
        .isEqualTo("[client.cinder-backup]\n\tkey = key-of-backups\n");
  }

  @Test
  void theGatewaysAskKeystoneAndAreServedWithTls() {
    assertThat(task("objects-settings").scope().hosts()).containsExactly("n2", "n3");
    assertThat(task("objects").scope().hosts()).containsExactly("n1", "n3");
    assertThat(task("objects-settings").items().toString())
        .contains("rgw_keystone_url https://10.0.0.9:5000", "rgw_keystone_api_version 3");
    assertThat(items("objects"))
        .contains(
            Unit.running(
                "ceph-radosgw@rgw.n1.service",
                "/var/lib/ceph/radosgw/keystone.password",
                "/var/lib/ceph/radosgw/keystone.options"));
    assertThat(file("/etc/haproxy/openstack.cfg"))
        .contains(
            """
            frontend object-store
              bind 10.0.0.9:6780 ssl crt /etc/haproxy/openstack.pem alpn h2,http/1.1
              http-request set-header X-Forwarded-Proto https
              default_backend gateways
            """);
    assertThat(file("/var/lib/kindling/openstack/identity.json"))
        .contains("\"url\": \"https://10.0.0.9:6780/swift/v1/AUTH_%(project_id)s\"");
  }

  @Test
  void theDashboardIsServedWithTlsAndKeepsItsSessionsWhereEveryProcessFindsThem() {
    String settings = file("/etc/openstack-dashboard/local_settings.py");
    assertThat(settings)
        .contains(
            "DEBUG = False\nALLOWED_HOSTS = [\"10.0.0.9\", \"10.0.0.1\"]\n",
            "SECRET_KEY = \"word-of-dashboard\"\n",
            "SESSION_COOKIE_SECURE = True\n",
            "\"BACKEND\": \"django.core.cache.backends.memcached.PyMemcacheCache\"",
            "OPENSTACK_KEYSTONE_URL = \"https://10.0.0.9:5000/v3\"\n",
            "\"format\": \"%(asctime)s %(levelname)s",
            // Without Nova users come to their images.
            "HORIZON_CONFIG[\"user_home\"] = \"/project/images/\"\n");
    assertThat(file("/etc/openstack-dashboard/kindling-uwsgi.ini"))
        .contains(
            "http-socket = 10.0.0.1:8090\n",
            "static-map = /static=/var/lib/openstack-dashboard/static\n");
    assertThat(file("/etc/haproxy/openstack.cfg"))
        .contains(
            """
            frontend dashboard
              bind 10.0.0.9:443 ssl crt /etc/haproxy/openstack.pem alpn h2,http/1.1
              http-request set-header X-Forwarded-Proto https
              default_backend dashboard
            """,
            "  http-check send meth GET uri /auth/login/ hdr Host 10.0.0.9\n"
                + "  server n1 10.0.0.1:8090 check");
    assertThat(items("dashboard"))
        .contains(
            Unit.running(
                "kindling-dashboard.service",
                "/etc/openstack-dashboard/local_settings.py",
                "/etc/openstack-dashboard/kindling-uwsgi.ini"));
  }

  @Test
  void withoutGatewaysThereAreNoObjects() {
    var model =
        new OpenStackModel(
            "rack1",
            CONTROLLERS,
            "10.0.0.9",
            TLS,
            secrets(),
            List.of("n2", "n3"),
            "key-of-the-images",
            "key-of-volumes",
            "key-of-backups",
            List.of(),
            null,
            null);
    assertThat(OpenStackPlan.of(model).toString()).doesNotContain("rgw", "object-store");
  }

  @Test
  void withoutVolumesInCephThereIsNoCinder() {
    var model =
        new OpenStackModel(
            "rack1",
            CONTROLLERS,
            "10.0.0.9",
            TLS,
            secrets(),
            List.of("n2", "n3"),
            "key-of-the-images",
            null,
            null,
            List.of(),
            null,
            null);
    assertThat(graph.toString()).contains("cinder", "9293");
    assertThat(OpenStackPlan.of(model).toString()).doesNotContain("cinder", "9293");
  }

  @Test
  void whatHoldsASecretIsForItsServiceAlone() {
    var words = secrets().values();
    files()
        .filter(file -> words.stream().anyMatch(file.content()::contains))
        .forEach(file -> {
          assertThat(file.secret()).as(file.path()).isTrue();
          assertThat(file.mode()).as(file.path()).endsWith("0");
        });
    assertThat(files().filter(ManagedFile::secret)).hasSizeGreaterThan(12);
  }

  @Test
  void aServiceStartsAnewWhereWhatItReadsHasChanged() {
    assertThat(items("identity"))
        .filteredOn(Unit.class::isInstance)
        .containsExactly(
            Unit.running(
                "keystone.service",
                "/etc/keystone/keystone.conf",
                "/etc/keystone/kindling-uwsgi.ini",
                "/etc/default/keystone"));
    assertThat(items("images"))
        .filteredOn(Unit.class::isInstance)
        .containsExactly(
            Unit.running(
                "glance-api.service",
                "/etc/glance/glance-api.conf",
                "/etc/ceph/ceph.client.glance.keyring",
                "/etc/ceph/ceph.conf"));
  }

  @Test
  void aServicesPasswordIsChangedRightBeforeItsServiceLearnsOfIt() {
    for (String task : List.of("images", "placement", "volumes")) {
      List<Item> items = items(task);
      int password = titles(items).indexOf("password of " + USERS.get(task));
      assertThat(items.get(password + 1)).as(task).isInstanceOf(Unit.class);
    }
    assertThat(titles(items("accounts"))).contains("password of radosgw");
    assertThat(OpenStackModel.users())
        .containsOnlyKeys("admin", "cinder", "glance", "neutron", "nova", "placement", "radosgw")
        .containsEntry("glance", "service.glance");
  }

  private static List<String> titles(List<Item> items) {
    return items.stream().map(Item::title).toList();
  }

  @Test
  void aPasswordForTheQueueIsSaltedAndHashedAsItsServerDoes() throws Exception {
    byte[] all = Base64.getDecoder().decode(OpenStackFiles.rabbitHash("password"));
    assertThat(all).hasSize(36);
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    sha.update(all, 0, 4);
    assertThat(sha.digest("password".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(Arrays.copyOfRange(all, 4, 36));
  }

  @Test
  void aModelWithoutOneOfItsSecretsIsRefused() {
    Map<String, String> secrets = secrets();
    secrets.remove("service.glance");
    assertThatThrownBy(() -> model(secrets)).isInstanceOf(IllegalArgumentException.class);
  }
}
