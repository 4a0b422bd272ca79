package io.kindling.postinstall.openstack;

import static io.kindling.postinstall.openstack.OpenStackFiles.HOME;
import static io.kindling.postinstall.openstack.OpenStackFiles.OURS;
import static io.kindling.postinstall.openstack.OpenStackFiles.YES;
import static io.kindling.postinstall.openstack.OpenStackFiles.arguments;
import static io.kindling.postinstall.openstack.OpenStackFiles.secret;
import static io.kindling.postinstall.openstack.OpenStackFiles.uwsgiPath;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Folder;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Keystone, the accounts of services, the catalogue. Pure.
final class IdentityItems {
  private static final String CONF = "/etc/keystone/keystone.conf";
  private static final String PROGRAM = "/usr/local/lib/kindling/identity";
  private static final String ACCOUNTS = HOME + "/identity.json";

  private final OpenStackModel model;
  private final OpenStackFiles files;

  IdentityItems(OpenStackModel model, OpenStackFiles files) {
    this.model = model;
    this.files = files;
  }

  /// The keys of tokens and of stored credentials come from the appliance, so that every controller
  /// would have the same.
  List<Item> keystone() {
    var items = new ArrayList<Item>();
    var restartAfter = new ArrayList<>(List.of(CONF, uwsgiPath(Service.IDENTITY)));
    restartAfter.add("/etc/default/keystone");
    items.add(conf());
    items.add(files.uwsgi(Service.IDENTITY, "/usr/bin/keystone-wsgi-public"));
    items.add(arguments("keystone", Service.IDENTITY));
    for (String kind : List.of("fernet", "credential")) {
      String folder = "/etc/keystone/" + kind + "-keys";
      items.add(new Folder(folder, "keystone", "keystone", "0700"));
      for (String number : List.of("0", "1")) {
        String key = model.secret("key." + kind + "." + number);
        String path = folder + "/" + number;
        items.add(new ManagedFile(path, "keystone", "keystone", "0600", key, List.of(key)));
      }
    }
    items.add(
        new Action(
            "tables of keystone",
            asKeystone(YES, "keystone-manage", "db_sync", "--check"),
            List.of(asKeystone("keystone-manage", "db_sync"))));
    items.add(new Unit("keystone.service", true, true, restartAfter));
    items.add(OpenStackPlan.answers(model, Service.IDENTITY, OpenStackError.IDENTITY));
    return items;
  }

  List<Item> accounts() {
    var items = new ArrayList<Item>();
    items.addAll(
        List.of(
            OpenStackFiles.program(PROGRAM, "identity.py"),
            plan(),
            new Action(
                "administrator", identity("admin", "check"), List.of(identity("admin", "apply"))),
            new Action(
                "services' users and the catalogue",
                identity("accounts", "check"),
                List.of(identity("accounts", "apply"))),
            login()));
    if (model.objects() != null) {
      items.add(password(ObjectItems.USER)); // the gateways are not on this host
    }
    return items;
  }

  /// The password of a service's user, changed right before the service learns of it by its start:
  /// what Keystone gave it under the old one is void from then on.
  static Action password(String user) {
    return new Action(
        "password of " + user,
        identity("password", "check", user),
        List.of(identity("password", "apply", user)));
  }

  private static Command identity(String what, String verb, String... user) {
    var argv = new ArrayList<>(List.of(PROGRAM, what, verb, ACCOUNTS));
    argv.addAll(List.of(user));
    return new Command(argv);
  }

  private static Command asKeystone(String... words) {
    var argv = new ArrayList<>(List.of("runuser", "-u", "keystone", "--"));
    argv.addAll(List.of(words));
    return new Command(argv);
  }

  private ManagedFile conf() {
    return secret(
        CONF,
        "keystone",
        OURS
            + """
            [DEFAULT]
            log_dir = /var/log/keystone
            log_file = keystone.log

            [cache]
            enabled = true
            backend = oslo_cache.memcache_pool
            memcache_servers = 127.0.0.1:11211

            [token]
            provider = fernet

            [fernet_tokens]
            key_repository = /etc/keystone/fernet-keys

            [credential]
            key_repository = /etc/keystone/credential-keys

            [oslo_middleware]
            enable_proxy_headers_parsing = true
            """
            + files.databaseSection("database", Service.IDENTITY),
        model.secret("database.keystone"));
  }

  /// What Keystone is to know, for the program on the controller.
  private ManagedFile plan() {
    var text = new StringBuilder();
    var secrets = new ArrayList<String>();
    secrets.add(model.secret("admin"));
    text.append(
        "{\"url\": \"http://%s:%d\", \"public\": \"%s\", \"region\": \"%s\", \"password\": \"%s\",\n"
            .formatted(
                model.control().address(),
                Service.IDENTITY.port,
                model.url(Service.IDENTITY),
                model.region(),
                model.secret("admin")));
    text.append(" \"services\": [");
    String comma = "";
    for (Service service : model.services()) {
      String user = service == Service.IDENTITY ? null : service.user;
      String url = model.url(service) + service.path;
      text.append(comma).append(entry(service.user, service.type, url, user, secrets));
      comma = ",\n  ";
    }
    if (model.objects() != null) {
      text.append(comma)
          .append(
              entry(
                  ObjectItems.NAME,
                  ObjectItems.TYPE,
                  ObjectItems.catalogue(model),
                  ObjectItems.USER,
                  secrets));
    }
    text.append("]}\n");
    return new ManagedFile(ACCOUNTS, "root", "root", "0600", text.toString(), secrets);
  }

  /// @param user null where the service needs none
  /// @param secrets gets the user's password
  private String entry(
      String name, String type, String url, @Nullable String user, List<String> secrets) {
    String text = "{\"name\": \"%s\", \"type\": \"%s\", \"url\": \"%s\"".formatted(name, type, url);
    if (user == null) {
      return text + "}";
    }
    String password = model.secret("service." + user);
    secrets.add(password);
    return text + ", \"user\": \"%s\", \"password\": \"%s\"}".formatted(user, password);
  }

  /// The administrator's login where OpenStack's client looks for it: `openstack --os-cloud
  /// kindling`.
  private ManagedFile login() {
    String password = model.secret("admin");
    return new ManagedFile(
        "/etc/openstack/clouds.yaml",
        "root",
        "root",
        "0600",
        OURS
            + """
            clouds:
              kindling:
                auth:
                  auth_url: %s/v3
                  username: admin
                  password: %s
                  project_name: admin
                  user_domain_name: Default
                  project_domain_name: Default
                region_name: %s
                identity_api_version: 3
            """
                .formatted(model.url(Service.IDENTITY), password, model.region()),
        List.of(password));
  }
}
