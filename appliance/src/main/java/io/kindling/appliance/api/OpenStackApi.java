package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.deploy.CephSecrets;
import io.kindling.appliance.deploy.OpenStackModels;
import io.kindling.appliance.deploy.OpenStackSecrets;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.appliance.tls.ServiceCertificates;
import io.kindling.inventory.EventStore;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.undertow.server.HttpServerExchange;
import java.util.List;
import java.util.Map;

/// The operators' API for what OpenStack's services know. No answer holds a secret. Thread-safe.
public final class OpenStackApi {
  private static final String LATER = "; the next deployment puts it into effect";

  private final OpenStackSecrets secrets;
  private final CephSecrets ceph;
  private final ServiceCertificates certificates;
  private final EventStore events;

  public OpenStackApi(
      OpenStackSecrets secrets,
      CephSecrets ceph,
      ServiceCertificates certificates,
      EventStore events) {
    this.secrets = secrets;
    this.ceph = ceph;
    this.certificates = certificates;
    this.events = events;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("POST", "/api/v1/openstack/passwords/{user}", Access.ADMIN, this::password)
        .on("POST", "/api/v1/openstack/keys/{entity}", Access.ADMIN, this::key)
        .on("POST", "/api/v1/openstack/certificate", Access.ADMIN, this::certificate);
  }

  private void password(HttpServerExchange exchange) {
    String user = Handlers.part(exchange, "user");
    Map<String, String> users = OpenStackModel.users();
    String secret = users.get(user);
    if (secret == null) {
      throw new Problem(
          404,
          ApplianceError.NOT_FOUND,
          "no user `%s`; there are %s".formatted(user, String.join(", ", users.keySet())));
    }
    secrets.renew(secret);
    events.append(null, "password-renewed", null, user + LATER);
    Json.send(exchange, 200, Map.of("user", user));
  }

  private void key(HttpServerExchange exchange) {
    String entity = Handlers.part(exchange, "entity");
    List<String> entities = OpenStackModel.cephUsers();
    if (!entities.contains(entity)) {
      throw new Problem(
          404,
          ApplianceError.NOT_FOUND,
          "no user `%s` of Ceph; there are %s".formatted(entity, String.join(", ", entities)));
    }
    ceph.renew(entity);
    events.append(null, "key-renewed", null, entity + LATER);
    Json.send(exchange, 200, Map.of("entity", entity));
  }

  private void certificate(HttpServerExchange exchange) {
    certificates.renew(OpenStackModels.CERTIFICATE);
    events.append(null, "certificate-renewed", null, "the load balancer's" + LATER);
    Json.send(exchange, 200, Map.of());
  }
}
