package io.kindling.postinstall.openstack;

import static io.kindling.postinstall.openstack.OpenStackFiles.OURS;
import static io.kindling.postinstall.openstack.OpenStackFiles.secret;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Absent;
import io.kindling.postinstall.engine.Item.Folder;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.engine.Item.Unit;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import java.util.List;

/// Horizon, the users' dashboard, under uWSGI behind the load balancer. Its sessions are in
/// memcached. Pure.
final class DashboardItems {

  /// Where users find it, at the virtual address.
  static final int PORT = 443;

  /// Where the load balancer does.
  static final int OWN_PORT = 8090;

  /// Answered with 200 to anybody.
  static final String HEALTH = "/auth/login/";

  /// Django's key for what it signs.
  static final String SECRET = "dashboard";

  private static final String USER = "horizon";
  private static final String FOLDER = "/etc/openstack-dashboard/";
  private static final String SETTINGS = FOLDER + "local_settings.py";
  private static final String WSGI = FOLDER + "kindling-uwsgi.ini";
  private static final String UNIT = "kindling-dashboard.service";

  private final OpenStackModel model;

  DashboardItems(OpenStackModel model) {
    this.model = model;
  }

  static List<String> packages() {
    return List.of("openstack-dashboard", "python3-pymemcache");
  }

  List<Item> dashboard() {
    String url = "http://%s:%d%s".formatted(model.control().address(), OWN_PORT, HEALTH);
    return List.of(
        settings(),
        // Debian's own, which is read after the settings: a cache for each process.
        new Absent(FOLDER + "local_settings.d/_0006_debian_cache.py"),
        new Folder("/var/lib/" + USER, USER, USER, "0750"),
        wsgi(),
        unit(),
        Unit.running(UNIT, SETTINGS, WSGI),
        new Gate(
            "dashboard answers",
            Command.of(OpenStackPlan.ANSWERS, url),
            OpenStackPlan.PATIENCE,
            OpenStackError.DASHBOARD));
  }

  /// As users reach it.
  static String url(OpenStackModel model) {
    return "https://" + model.vip();
  }

  /// That it is asked by TLS is the load balancer's word, which sets the header itself. Without
  /// Nova the page that users come to first would refuse them.
  private ManagedFile settings() {
    String key = model.secret(SECRET);
    String home =
        model.guests() == null ? "HORIZON_CONFIG[\"user_home\"] = \"/project/images/\"\n" : "";
    return secret(
        SETTINGS,
        USER,
        OURS
            + """
            from openstack_dashboard.settings import HORIZON_CONFIG

            DEBUG = False
            ALLOWED_HOSTS = ["%1$s", "%2$s"]
            SECRET_KEY = "%3$s"
            SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
            CSRF_COOKIE_SECURE = True
            CSRF_TRUSTED_ORIGINS = ["https://%1$s"]
            SESSION_COOKIE_SECURE = True
            SESSION_COOKIE_HTTPONLY = True
            SESSION_ENGINE = "django.contrib.sessions.backends.cache"
            CACHES = {
                "default": {
                    "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
                    "LOCATION": "127.0.0.1:11211",
                    "KEY_PREFIX": "dashboard",
                }
            }
            OPENSTACK_HOST = "%1$s"
            OPENSTACK_KEYSTONE_URL = "%4$s/v3"
            OPENSTACK_KEYSTONE_DEFAULT_ROLE = "member"
            OPENSTACK_SSL_CACERT = "/etc/ssl/certs/ca-certificates.crt"
            OPENSTACK_CINDER_FEATURES = {"enable_backup": %5$s}
            CONSOLE_TYPE = "NOVNC"
            TIME_ZONE = "UTC"
            LOGGING = {
                "version": 1,
                "disable_existing_loggers": False,
                "formatters": {"line": {"format": "%%(asctime)s %%(levelname)s %%(name)s %%(message)s"}},
                "handlers": {"log": {"class": "logging.StreamHandler", "formatter": "line"}},
                "root": {"handlers": ["log"], "level": "WARNING"},
                "loggers": {"openstack_auth": {"level": "INFO"}},
            }
            """
                .formatted(
                    model.vip(),
                    model.control().address(),
                    key,
                    model.url(Service.IDENTITY),
                    model.backupsKey() == null ? "False" : "True")
            + home,
        key);
  }

  /// With what pages are made of, which the package has put together.
  private ManagedFile wsgi() {
    ManagedFile plain =
        OpenStackFiles.uwsgi(
            WSGI,
            model.control().address(),
            OWN_PORT,
            USER,
            "dashboard",
            "/usr/share/openstack-dashboard/wsgi.py",
            "2",
            8);
    return ManagedFile.of(
        WSGI, plain.content() + "static-map = /static=/var/lib/openstack-dashboard/static\n");
  }

  /// Debian has it for Apache alone.
  private static ManagedFile unit() {
    return ManagedFile.of(
        "/etc/systemd/system/" + UNIT,
        OURS
            + """
            [Unit]
            Description=OpenStack's dashboard
            Wants=network-online.target
            After=network-online.target memcached.service
            [Service]
            User=%1$s
            Group=%1$s
            LogsDirectory=%1$s
            ExecStart=/usr/bin/uwsgi_python3 --ini %2$s
            Restart=on-failure
            KillMode=mixed
            LimitNOFILE=65535
            [Install]
            WantedBy=multi-user.target
            """
                .formatted(USER, WSGI));
  }

  /// The load balancer's part.
  ///
  /// @param certificate file of it and its key
  static String front(OpenStackModel model, String certificate) {
    return """
    frontend dashboard
      bind %1$s:%2$d ssl crt %3$s alpn h2,http/1.1
      http-request set-header X-Forwarded-Proto https
      default_backend dashboard
    backend dashboard
      option httpchk
      http-check send meth GET uri %4$s hdr Host %1$s
      server %5$s %6$s:%7$d check inter 5s fall 2 rise 1
    """
        .formatted(
            model.vip(),
            PORT,
            certificate,
            HEALTH,
            model.control().name(),
            model.control().address(),
            OWN_PORT);
  }
}
