package io.kindling.postinstall.check;

import io.kindling.postinstall.check.CheckReport.Row;
import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/// Uses OpenStack as a user of it does, in a project of its own that is removed again: images,
/// volumes of each type, a snapshot, a backup, objects, guests. Thread-safe; one look at a rack at
/// a time, for the project's name is fixed.
public final class OpenStackCheck {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final String KEY = "the key of its user in Ceph";

  /// Emulated guests take minutes to boot.
  private static final Duration LIMIT = Duration.ofMinutes(90);

  private final Asking asking;

  public OpenStackCheck(SshConnector connector) {
    this.asking = new Asking(connector);
  }

  /// @throws InterruptedException when the thread is interrupted
  public CheckReport run(OpenStackModel model) throws InterruptedException {
    var rows = new ArrayList<Row>();
    for (Host compute : model.computes()) {
      rows.addAll(secrets(compute, model.libvirtSecrets()));
    }
    var answers = new Answers();
    String how =
        asking.run(
            model.control(),
            Asking.program(
                "openstack-check.py",
                plan(model),
                "openstack_user.py",
                "openstack_dashboard.py",
                "openstack_services.py",
                "openstack_guests.py"),
            answers::line,
            LIMIT);
    rows.addAll(answers.rows("openstack", how, CheckError.SERVICES));
    return new CheckReport(rows);
  }

  /// Whether libvirt has each key. What comes back is the key's hash: nothing secret passes.
  private List<Row> secrets(Host compute, Map<UUID, String> keys) throws InterruptedException {
    var rows = new ArrayList<Row>();
    for (Map.Entry<UUID, String> key : keys.entrySet()) {
      var said = new StringBuilder();
      String how =
          asking.run(
              compute,
              Script.of(
                  "virsh -q secret-get-value %s | tr -d '[:space:]' | sha256sum\n"
                      .formatted(key.getKey())),
              line -> said.append(line).append(' '),
              SOON);
      boolean same = said.toString().startsWith(sha256(key.getValue()));
      rows.add(
          Row.of(
              "openstack",
              "libvirt of " + compute.name() + ", secret " + key.getKey(),
              KEY,
              same ? KEY : how.equals("answers") ? "another or none" : how,
              same ? null : CheckError.SECRET));
    }
    return rows;
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What there is to be used; holds no secret.
  static String plan(OpenStackModel model) {
    var plan = new LinkedHashMap<String, Object>();
    plan.put("region", model.region());
    plan.put("types", model.volumeTypes());
    plan.put("objects", model.objectsUrl());
    plan.put("dashboard", model.dashboardUrl());
    plan.put("computes", model.computes().stream().map(Host::name).toList());
    plan.put("clones", model.guestsAreClones() && !model.volumeTypes().isEmpty());
    return JSON.writeValueAsString(plan);
  }
}
