package io.kindling.postinstall.openstack;

import io.kindling.postinstall.engine.Item.ManagedFile;
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.openstack.OpenStackModel.Service;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// The files of the database, the queue, the load balancer, and what all services' configurations
/// have alike. Whole files; nothing of a package's own is patched. Pure.
final class OpenStackFiles {

  static final String OURS = "# Written by Kindling; changes by hand are undone.\n";
  static final String HOME = "/var/lib/kindling/openstack";
  static final String YES = "/usr/local/lib/kindling/yes";
  static final String DATABASE = "/etc/mysql/mariadb.conf.d/90-kindling.cnf";
  static final String QUEUE = "/etc/rabbitmq/rabbitmq.conf";
  static final String QUEUE_USERS = "/etc/rabbitmq/definitions.json";
  static final String FRONT = "/etc/haproxy/openstack.cfg";
  static final String FRONT_OPTIONS = "/etc/default/haproxy";
  static final String FRONT_CERTIFICATE = "/etc/haproxy/openstack.pem";
  static final String AUTHORITY = "/usr/local/share/ca-certificates/kindling.crt";

  /// What is shorter than the load balancer's own patience is closed by it in the midst.
  private static final int CONNECTION_SECONDS = 280;

  private final OpenStackModel model;

  OpenStackFiles(OpenStackModel model) {
    this.model = model;
  }

  static ManagedFile program(String path, String resource) {
    return ManagedFile.program(path, Resources.text(OpenStackFiles.class, resource));
  }

  /// A service's file: its group reads it, nobody else.
  static ManagedFile secret(String path, String group, String content, String... secrets) {
    return new ManagedFile(path, "root", group, "0640", content, List.of(secrets));
  }

  private String address() {
    return model.control().address();
  }

  /// The whole database server. Snapshot isolation that MariaDB 11.8 has on by default makes
  /// OpenStack's transactions fail (error 1020, Nova bug 2116186).
  ManagedFile database() {
    return ManagedFile.of(
        DATABASE,
        OURS
            + """
            [mariadbd]
            bind_address = %s
            max_connections = 4096
            max_allowed_packet = 256M
            character_set_server = utf8mb3
            collation_server = utf8mb3_general_ci
            innodb_snapshot_isolation = OFF
            skip_name_resolve = ON
            """
                .formatted(address()));
  }

  /// Makes a service's database and user; run by the server's root.
  ManagedFile databaseOf(Service service) {
    String password = model.secret("database." + service.user);
    return secret(
        sql(service),
        "root",
        """
        CREATE DATABASE IF NOT EXISTS %1$s CHARACTER SET utf8mb3;
        CREATE USER IF NOT EXISTS '%1$s'@'%%' IDENTIFIED BY '%2$s';
        ALTER USER '%1$s'@'%%' IDENTIFIED BY '%2$s';
        GRANT ALL ON %1$s.* TO '%1$s'@'%%';
        """
            .formatted(service.user, password),
        password);
  }

  static String sql(Service service) {
    return HOME + "/" + service.user + ".sql";
  }

  /// How the service logs in, for MariaDB's client.
  ManagedFile loginOf(Service service) {
    String password = model.secret("database." + service.user);
    return secret(
        login(service),
        "root",
        OURS
            + "[client]\nhost = %s\nuser = %s\npassword = %s\ndatabase = %s\n"
                .formatted(address(), service.user, password, service.user),
        password);
  }

  static String login(Service service) {
    return HOME + "/" + service.user + ".cnf";
  }

  /// The section that leads to a service's database.
  String databaseSection(String section, Service service) {
    return databaseSection(section, service, service.user);
  }

  /// The same where a service has more than one.
  String databaseSection(String section, Service service, String database) {
    return """

    [%s]
    connection = mysql+pymysql://%s:%s@%s/%s?charset=utf8
    connection_recycle_time = %d
    """
        .formatted(
            section,
            service.user,
            model.secret("database." + service.user),
            address(),
            database,
            CONNECTION_SECONDS);
  }

  /// Who asks a service is looked up in Keystone; a service's own word counts by its role.
  String authSection(Service service) {
    return """

    [keystone_authtoken]
    www_authenticate_uri = %1$s
    auth_url = %1$s
    auth_type = password
    project_domain_name = Default
    user_domain_name = Default
    project_name = service
    username = %2$s
    password = %3$s
    region_name = %4$s
    memcached_servers = 127.0.0.1:11211
    service_token_roles = service
    service_token_roles_required = true
    """
        .formatted(
            model.url(Service.IDENTITY),
            service.user,
            model.secret("service." + service.user),
            model.region());
  }

  /// How a service speaks to its own parts. Quorum queues from the first day: changing later means
  /// losing them.
  String queueSections() {
    return """

    [oslo_messaging_rabbit]
    rabbit_quorum_queue = true
    rabbit_transient_quorum_queue = true
    use_queue_manager = true
    """;
  }

  /// The line of `[DEFAULT]` that leads to the queue.
  String queueAddress() {
    return "transport_url = rabbit://openstack:%s@%s:5672/%n"
        .formatted(model.secret("queue"), address());
  }

  ManagedFile queue() {
    return new ManagedFile(
        QUEUE,
        "root",
        "rabbitmq",
        "0640",
        OURS
            + """
            listeners.tcp.1 = %s:5672
            load_definitions = %s
            cluster_partition_handling = pause_minority
            """
                .formatted(address(), QUEUE_USERS),
        List.of());
  }

  /// Users come with the definitions at the server's start: no password on a command line, and no
  /// `guest`.
  ManagedFile queueUsers() {
    String hash = rabbitHash(model.secret("queue"));
    return secret(
        QUEUE_USERS,
        "rabbitmq",
        """
        {"users": [{"name": "openstack", "password_hash": "%s",
          "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []}],
         "vhosts": [{"name": "/", "default_queue_type": "quorum"}],
         "permissions": [{"user": "openstack", "vhost": "/",
          "configure": ".*", "write": ".*", "read": ".*"}]}
        """
            .formatted(hash),
        hash);
  }

  /// RabbitMQ's form of a password: base64 of a salt of four bytes and the SHA-256 of salt and
  /// password (rabbitmq.com/docs/passwords). The salt is drawn from the password, which is random:
  /// the same model gives the same file.
  static String rabbitHash(String password) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      byte[] word = password.getBytes(StandardCharsets.UTF_8);
      byte[] salt =
          Arrays.copyOf(sha.digest(("salt of " + password).getBytes(StandardCharsets.UTF_8)), 4);
      sha.update(salt);
      byte[] digest = sha.digest(word);
      byte[] all = Arrays.copyOf(salt, salt.length + digest.length);
      System.arraycopy(digest, 0, all, salt.length, digest.length);
      return Base64.getEncoder().encodeToString(all);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The appliance's authority, among those that the system trusts: every client on a host finds it
  /// there without being told.
  ManagedFile authority() {
    return ManagedFile.of(AUTHORITY, model.tls().authority());
  }

  ManagedFile frontCertificate() {
    String key = model.tls().key();
    return secret(
        FRONT_CERTIFICATE,
        "root",
        model.tls().certificate() + key,
        key.lines()
            .filter(line -> line.length() >= 16 && !line.startsWith("-"))
            .toArray(String[]::new));
  }

  /// The services' part of the load balancer, beside the gateways' own file.
  ManagedFile front() {
    var text = new StringBuilder(OURS);
    text.append(
        """
        global
          ssl-default-bind-options ssl-min-ver TLSv1.2
        defaults openstack
          log global
          mode http
          option httplog
          option dontlognull
          option redispatch
          option forwardfor
          retries 3
          timeout connect 5s
          timeout http-request 30s
          timeout http-keep-alive 30s
          timeout client 10m
          timeout server 10m
        """);
    for (Service service : model.services()) {
      text.append(
          """
          frontend %1$s
            bind %2$s:%3$d ssl crt %7$s alpn h2,http/1.1
            http-request set-header X-Forwarded-Proto https
            default_backend %1$s
          backend %1$s
            option httpchk GET %4$s
            server %5$s %6$s:%3$d check inter 2s fall 2 rise 2
          """
              .formatted(
                  service.type,
                  model.vip(),
                  service.port,
                  service.health,
                  model.control().name(),
                  address(),
                  FRONT_CERTIFICATE));
    }
    if (model.objects() != null) {
      // The gateways themselves are a backend in their own phase's file.
      text.append(
          """
          frontend %s
            bind %s:%d ssl crt %s alpn h2,http/1.1
            http-request set-header X-Forwarded-Proto https
            default_backend gateways
          """
              .formatted(ObjectItems.TYPE, model.vip(), ObjectItems.PORT, FRONT_CERTIFICATE));
    }
    text.append(DashboardItems.front(model, FRONT_CERTIFICATE));
    if (model.guests() != null) {
      text.append(console());
    }
    return ManagedFile.of(FRONT, text.toString());
  }

  /// A guest's screen: a connection that stays.
  private String console() {
    return """
    frontend console
      bind %1$s:%2$d ssl crt %5$s alpn http/1.1
      timeout client 1h
      default_backend console
    backend console
      timeout server 1h
      timeout tunnel 1h
      server %3$s %4$s:%2$d check inter 2s fall 2 rise 2
    """
        .formatted(
            model.vip(),
            NovaFiles.CONSOLE_PORT,
            model.control().name(),
            address(),
            FRONT_CERTIFICATE);
  }

  static ManagedFile frontOptions() {
    return ManagedFile.of(
        FRONT_OPTIONS, OURS + "EXTRAOPTS=\"-S /run/haproxy-master.sock -f " + FRONT + "\"\n");
  }

  /// An API under uWSGI, on the host's own address: the load balancer has the virtual one. Debian's
  /// init script would listen on every address.
  ManagedFile uwsgi(Service service, String program) {
    return uwsgi(
        uwsgiPath(service), address(), service.port, service.user, service.user, program, "%k", 16);
  }

  /// The same for a service with several; what is made for green threads runs one thread in each
  /// process.
  ///
  /// @param name of its log, and of the file in shared memory that its queues are counted in: each
  ///   user's own, where all would be called after uWSGI
  static ManagedFile uwsgi(
      String path,
      String address,
      int port,
      String user,
      String name,
      String program,
      String processes,
      int threads) {
    return ManagedFile.of(
        path,
        OURS
            + """
            [uwsgi]
            http-socket = %1$s:%2$d
            plugins = python3
            wsgi-file = %3$s
            name = %5$s
            uid = %4$s
            gid = %4$s
            chdir = /var/lib/%4$s
            logto = /var/log/%4$s/%5$s-uwsgi.log
            master = true
            lazy-apps = true
            thunder-lock = true
            enable-threads = true
            processes = %6$s
            threads = %7$d
            listen = 100
            buffer-size = 65535
            rem-header = Content-Length
            start-time = %%t
            env = OS_OSLO_MESSAGING_RABBIT__PROCESSNAME=%5$s
            no-orphans = true
            die-on-term = true
            close-on-exec = true
            close-on-exec2 = true
            """
                .formatted(address, port, program, user, name, processes, threads));
  }

  static String uwsgiPath(Service service) {
    return "/etc/" + service.user + "/kindling-uwsgi.ini";
  }

  /// What the init script of that unit reads after it has made its own arguments.
  static ManagedFile arguments(String unit, Service service) {
    return arguments(unit, uwsgiPath(service));
  }

  static ManagedFile arguments(String unit, String ini) {
    return ManagedFile.of("/etc/default/" + unit, OURS + "DAEMON_ARGS=\"--ini " + ini + "\"\n");
  }
}
