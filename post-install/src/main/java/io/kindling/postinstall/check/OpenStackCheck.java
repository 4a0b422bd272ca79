package io.kindling.postinstall.check;

import io.kindling.postinstall.check.CheckReport.Row;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.kindling.postinstall.ssh.SshConnector;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// Uses OpenStack as a user of it does, in a project of its own that is removed again: images,
/// volumes of each type, a snapshot, a backup, objects. Thread-safe; one look at a rack at a time,
/// for the project's name is fixed.
public final class OpenStackCheck {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration LIMIT = Duration.ofMinutes(20);

  private final Asking asking;

  public OpenStackCheck(SshConnector connector) {
    this.asking = new Asking(connector);
  }

  /// @throws InterruptedException when the thread is interrupted
  public CheckReport run(OpenStackModel model) throws InterruptedException {
    var answers = new Answers();
    String how =
        asking.run(
            model.control(),
            Asking.program("openstack-check.py", plan(model)),
            answers::line,
            LIMIT);
    List<Row> rows = answers.rows("openstack", how, CheckError.SERVICES);
    return new CheckReport(rows);
  }

  /// What there is to be used; holds no secret.
  static String plan(OpenStackModel model) {
    var plan = new LinkedHashMap<String, Object>();
    plan.put("region", model.region());
    plan.put("types", model.volumeTypes());
    plan.put("objects", model.objectsUrl());
    return JSON.writeValueAsString(plan);
  }
}
