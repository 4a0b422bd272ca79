package io.kindling.postinstall.check;

import io.kindling.postinstall.check.CheckReport.Row;
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.openstack.Firewall;
import io.kindling.postinstall.openstack.Firewall.Member;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Looks whether each host's firewall is loaded as planned, and whether anything listens that
/// nobody planned. Thread-safe.
public final class FirewallCheck {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Asking asking;

  public FirewallCheck(SshConnector connector) {
    this.asking = new Asking(connector);
  }

  /// @throws InterruptedException when the thread is interrupted
  public CheckReport run(Firewall firewall) throws InterruptedException {
    var rows = new ArrayList<Row>();
    Script script = Script.of(Resources.text(FirewallCheck.class, "firewall-check.sh"));
    var looks = new LinkedHashMap<FirewallAnswers, Future<String>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Member member : firewall.members()) {
        var answers = new FirewallAnswers(member);
        looks.put(
            answers, threads.submit(() -> asking.run(member.host(), script, answers::line, LIMIT)));
      }
      for (Map.Entry<FirewallAnswers, Future<String>> look : looks.entrySet()) {
        rows.addAll(look.getKey().rows(look.getValue().get()));
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    return new CheckReport(List.copyOf(rows));
  }
}
