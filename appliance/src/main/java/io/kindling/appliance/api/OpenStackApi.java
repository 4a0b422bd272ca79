package io.kindling.appliance.api;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.deploy.OpenStackSecrets;
import io.kindling.appliance.http.Access;
import io.kindling.appliance.http.Handlers;
import io.kindling.appliance.http.Json;
import io.kindling.appliance.http.Problem;
import io.kindling.inventory.EventStore;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.undertow.server.HttpServerExchange;
import java.util.Map;

/// The operators' API for what OpenStack's services know. No answer holds a secret. Thread-safe.
public final class OpenStackApi {
  private final OpenStackSecrets secrets;
  private final EventStore events;

  public OpenStackApi(OpenStackSecrets secrets, EventStore events) {
    this.secrets = secrets;
    this.events = events;
  }

  /// The whole routing table.
  public Handlers routes(Handlers on) {
    return on.on("POST", "/api/v1/openstack/passwords/{user}", Access.ADMIN, this::renew);
  }

  private void renew(HttpServerExchange exchange) {
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
    events.append(
        null, "password-renewed", null, user + "; the next deployment puts it into effect");
    Json.send(exchange, 200, Map.of("user", user));
  }
}
