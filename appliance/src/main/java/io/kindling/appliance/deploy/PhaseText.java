package io.kindling.appliance.deploy;

import io.kindling.postinstall.engine.Finding;
import io.kindling.postinstall.engine.RunReport;

/// A run's report as text for people. Pure.
public final class PhaseText {
  private PhaseText() {}

  public static String of(RunReport report) {
    var text = new StringBuilder();
    for (RunReport.TaskReport task : report.tasks()) {
      text.append("%s/%s: %s%n".formatted(report.phase(), task.task(), task.title()));
      for (RunReport.HostReport host : task.hosts()) {
        Finding finding = host.finding();
        String said =
            switch (host.status()) {
              case UNCHANGED -> "as planned";
              case CHANGED -> "changed";
              case WOULD_CHANGE -> "would change";
              case FAILED, SKIPPED -> finding == null ? "not looked at" : finding.text();
            };
        text.append("  %s: %s%n".formatted(host.host(), said));
        for (RunReport.Change change : host.changes()) {
          text.append("    %s: %s%n".formatted(change.item(), change.why()));
          change.commands().forEach(c -> text.append("      $ ").append(c).append('\n'));
          change.diff().lines().forEach(l -> text.append("      ").append(l).append('\n'));
        }
      }
    }
    return text.append("%d changes%n".formatted(report.changes())).toString();
  }
}
