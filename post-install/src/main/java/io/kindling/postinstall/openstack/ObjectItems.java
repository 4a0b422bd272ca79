package io.kindling.postinstall.openstack;

import io.kindling.postinstall.ceph.CephPlan;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.OpenStackModel.Objects;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// RADOS Gateways ask Keystone who is asking: Swift by its tokens, S3 by its EC2 credentials. The
/// users that a gateway knows itself stay. Pure.
final class ObjectItems {

  /// Keystone's user of the gateways.
  static final String USER = "radosgw";

  static final String NAME = "swift";
  static final String TYPE = "object-store";

  /// Where they are served with TLS, beside the gateways' own port without.
  static final int PORT = 6780;

  static final String HEALTH = "/swift/healthcheck";

  /// All gateways; `client.rgw.HOST` are theirs.
  private static final String WHO = "client.rgw";

  private static final String HOME = "/var/lib/ceph/radosgw/";
  private static final String PASSWORD = HOME + "keystone.password";
  private static final String OPTIONS = HOME + "keystone.options";

  private final OpenStackModel model;
  private final Objects objects;

  ObjectItems(OpenStackModel model, Objects objects) {
    this.model = model;
    this.objects = objects;
  }

  /// As clients reach the gateways.
  static String url(OpenStackModel model) {
    return "https://%s:%d".formatted(model.vip(), PORT);
  }

  /// Its address in the catalogue: Keystone fills the project in.
  static String catalogue(OpenStackModel model) {
    return url(model) + "/swift/v1/AUTH_%(project_id)s";
  }

  /// RADOS Gateway's defaults are of old: Keystone's API version 2, and a role `Member`
  /// (doc/radosgw/keystone).
  private Map<String, String> options() {
    var options = new LinkedHashMap<String, String>();
    options.put("rgw_keystone_api_version", "3");
    options.put("rgw_keystone_url", model.url(Service.IDENTITY));
    options.put("rgw_keystone_admin_user", USER);
    options.put("rgw_keystone_admin_password_path", PASSWORD);
    options.put("rgw_keystone_admin_domain", "Default");
    options.put("rgw_keystone_admin_project", "service");
    options.put("rgw_keystone_accepted_roles", "member,admin");
    options.put("rgw_keystone_implicit_tenants", "true");
    options.put("rgw_s3_auth_use_keystone", "true");
    options.put("rgw_swift_account_in_url", "true");
    options.put("rgw_swift_versioning_enabled", "true");
    options.put("rgw_trust_forwarded_https", "true");
    return options;
  }

  List<Item> settings() {
    return options().entrySet().stream()
        .map(option -> CephPlan.setting(WHO, option.getKey(), option.getValue()))
        .toList();
  }

  /// A gateway reads its options at its start, so it keeps a note of those it was started with.
  List<Item> gateway(String host) {
    String password = model.secret("service." + USER);
    String note =
        options().entrySet().stream()
            .map(option -> option.getKey() + " = " + option.getValue() + "\n")
            .collect(Collectors.joining());
    return List.of(
        new ManagedFile(PASSWORD, "ceph", "ceph", "0600", password, List.of(password)),
        ManagedFile.of(OPTIONS, OpenStackFiles.OURS + note),
        Unit.running(CephPlan.gatewayUnit(host), PASSWORD, OPTIONS));
  }
}
