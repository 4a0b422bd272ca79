package io.kindling.postinstall.openstack;

import io.kindling.postinstall.engine.Host;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// OpenStack as it is to be. Immutable; holds secrets.
///
/// @param region the catalogue's
/// @param controllers hosts with load balancer and virtual address, at least one
/// @param vip where clients reach the services
/// @param tls what the load balancer shows to clients at `vip`
/// @param secrets by name, each of [#secretNames]
/// @param monitors hosts of Ceph's monitors, at least one
/// @param imagesKey the cephx key of `client.glance`
/// @param volumesKey the cephx key of `client.cinder`; null where volumes do not lie in Ceph
/// @param backupsKey the same of `client.cinder-backup`
/// @param volumeHosts where volumes of type `lvm` lie; empty where there are none
/// @param objects null where RADOS Gateway serves none
/// @param guests null where the rack has no compute
public record OpenStackModel(
    String region,
    List<Host> controllers,
    String vip,
    Tls tls,
    Map<String, String> secrets,
    List<String> monitors,
    String imagesKey,
    @Nullable String volumesKey,
    @Nullable String backupsKey,
    List<VolumeHost> volumeHosts,
    @Nullable Objects objects,
    @Nullable Guests guests) {

  /// The pool of images and the cephx user that writes it.
  public static final String IMAGES_USER = "client.glance";

  /// The same of volumes.
  public static final String VOLUMES_USER = "client.cinder";

  /// The same of volumes' backups.
  public static final String BACKUPS_USER = "client.cinder-backup";

  /// Before the names of secrets that are passwords of services in Keystone.
  private static final String SERVICE = "service.";

  public OpenStackModel {
    controllers = List.copyOf(controllers);
    secrets = Map.copyOf(secrets);
    monitors = List.copyOf(monitors);
    volumeHosts = List.copyOf(volumeHosts);
    if (controllers.isEmpty()) {
      throw new IllegalArgumentException("OpenStack without a controller");
    }
    if (!secrets.keySet().containsAll(secretNames())) {
      throw new IllegalArgumentException("OpenStack without its secrets");
    }
  }

  /// Where objects are served.
  ///
  /// @param gateways the hosts of RADOS Gateways, at least one
  public record Objects(List<String> gateways) {
    public Objects {
      gateways = List.copyOf(gateways);
    }
  }

  /// A host with a volume group for volumes, which it exports by iSCSI.
  ///
  /// @param portal its address for that, in the network of storage
  public record VolumeHost(Host host, String portal) {
    String name() {
      return host.name();
    }
  }

  /// A certificate for the virtual address, each part in PEM.
  ///
  /// @param authority whom every client is to trust
  public record Tls(String authority, String certificate, String key) {}

  /// A service with an API.
  ///
  /// @param user its own system's, Keystone's and the database's
  public enum Service {
    IDENTITY("keystone", "identity", 5000, "", "/healthcheck"),
    IMAGE("glance", "image", 9292, "", "/healthcheck"),
    PLACEMENT("placement", "placement", 8778, "", "/"),
    VOLUME("cinder", "block-storage", 8776, "/v3", "/healthcheck"),
    COMPUTE("nova", "compute", 8774, "/v2.1", "/"),
    NETWORK("neutron", "network", 9696, "", "/");

    final String user;
    final String type;
    final int port;

    /// Of its address in the catalogue.
    final String path;

    /// Answered with 200 to anybody.
    final String health;

    Service(String user, String type, int port, String path, String health) {
      this.user = user;
      this.type = type;
      this.port = port;
      this.path = path;
      this.health = health;
    }
  }

  /// What [#secrets] must have: passwords, and keys of 32 bytes where the name begins with `key.`.
  public static List<String> secretNames() {
    var names = new ArrayList<>(List.of("admin", "queue", "metadata", DashboardItems.SECRET));
    for (Service service : Service.values()) {
      names.add("database." + service.user);
      if (service != Service.IDENTITY) {
        names.add(SERVICE + service.user);
      }
    }
    names.add(SERVICE + ObjectItems.USER);
    for (String kind : List.of("fernet", "credential")) {
      names.add("key." + kind + ".0");
      names.add("key." + kind + ".1");
    }
    return List.copyOf(names);
  }

  /// Keystone's users whose passwords can be made anew, and the names of their secrets.
  public static Map<String, String> users() {
    var users = new TreeMap<String, String>();
    for (String name : secretNames()) {
      if (name.startsWith(SERVICE)) {
        users.put(name.substring(SERVICE.length()), name);
      }
    }
    users.put("admin", "admin");
    return users;
  }

  /// Ceph's users whose keys can be made anew.
  public static List<String> cephUsers() {
    return List.of(IMAGES_USER, VOLUMES_USER, BACKUPS_USER, Guests.DISKS_USER);
  }

  /// Those that the rack has.
  List<Service> services() {
    return Arrays.stream(Service.values())
        .filter(service ->
            switch (service) {
              case IDENTITY, IMAGE, PLACEMENT -> true;
              case VOLUME -> !volumeTypes().isEmpty();
              case COMPUTE, NETWORK -> guests != null;
            })
        .toList();
  }

  /// Where the services run; the other controllers pass on to it.
  public Host control() {
    return controllers.getFirst();
  }

  /// The types of volumes that users may ask for; the first is what they get who ask for none.
  public List<String> volumeTypes() {
    var types = new ArrayList<String>();
    if (volumesKey != null) {
      types.add(VolumeItems.CEPH);
    }
    if (!volumeHosts.isEmpty()) {
      types.add(VolumeItems.LVM);
    }
    return List.copyOf(types);
  }

  /// The hosts that guests may run on.
  public List<Host> computes() {
    return guests == null
        ? List.of()
        : guests.computes().stream().map(Guests.Compute::host).toList();
  }

  /// What every compute's libvirt knows: the cephx keys of guests' disks.
  public Map<UUID, String> libvirtSecrets() {
    var secrets = new LinkedHashMap<UUID, String>();
    cephKeys().forEach((entity, key) -> secrets.put(Guests.secretOf(entity), key));
    return secrets;
  }

  /// cephx users of guests' disks and of volumes.
  List<String> diskUsers() {
    var users = new ArrayList<>(cephKeys().keySet());
    if (backupsKey != null) {
      users.add(BACKUPS_USER);
    }
    return users;
  }

  /// cephx user → its key, of all whose disks guests have.
  SequencedMap<String, String> cephKeys() {
    var keys = new LinkedHashMap<String, String>();
    String disks = guests == null ? null : guests.diskKey();
    if (disks != null) {
      keys.put(Guests.DISKS_USER, disks);
    }
    if (volumesKey != null) {
      keys.put(VOLUMES_USER, volumesKey);
    }
    return keys;
  }

  /// Whether guests' own disks lie in Ceph, beside their images.
  public boolean guestsAreClones() {
    return guests != null && guests.diskKey() != null;
  }

  /// As clients reach RADOS Gateway; null where there is none.
  public @Nullable String objectsUrl() {
    return objects == null ? null : ObjectItems.url(this);
  }

  /// As users reach the dashboard.
  public String dashboardUrl() {
    return DashboardItems.url(this);
  }

  String secret(String name) {
    String secret = secrets.get(name);
    if (secret == null) {
      throw new IllegalStateException("no secret " + name);
    }
    return secret;
  }

  /// As clients reach the service.
  String url(Service service) {
    return "https://%s:%d".formatted(vip, service.port);
  }

  /// Keeps secrets out of logs.
  @Override
  public String toString() {
    return "OpenStackModel[" + region + " at " + vip + "]";
  }
}
