package io.kindling.postinstall.check;

import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Node;
import io.kindling.postinstall.ceph.CephModel.Part;
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshConnector.Refused;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// What a host says of itself to somebody who helps: its units, disks, addresses, journal; a
/// monitor host also what the monitors say. Changes nothing. Thread-safe.
public final class HostNotes {

  /// Bytes of text kept of a host.
  public static final int MOST = 4 << 20;

  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final SshConnector connector;

  public HostNotes(SshConnector connector) {
    this.connector = connector;
  }

  /// As text; where the host does not answer, why.
  public String of(CephModel model, Node node) throws InterruptedException {
    var host = node.host();
    return switch (connector.connect(host.address(), host.port(), host.user(), host.hostKeys())) {
      case Refused(SshConnector.Reason _, String detail) -> "no answer: " + detail + "\n";
      case Connected(SshSession session) -> {
        try (session) {
          boolean first = model.with(Part.MON).indexOf(node) == 0;
          String text = Resources.text(HostNotes.class, "host-notes.sh");
          Script script = first ? Script.of(text, "cluster") : Script.of(text);
          var notes = new StringBuffer();
          var left = new AtomicInteger(MOST);
          var status =
              session.run(
                  script.withSudo(),
                  line -> {
                    if (left.addAndGet(-line.length() - 1) > 0) {
                      notes.append(line).append('\n');
                    }
                  },
                  LIMIT);
          yield status.success() ? notes.toString() : notes + "\nbroken off: " + status + "\n";
        }
      }
    };
  }
}
