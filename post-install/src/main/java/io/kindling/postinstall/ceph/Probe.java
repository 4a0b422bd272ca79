package io.kindling.postinstall.ceph;

import io.kindling.postinstall.engine.Command;
import java.util.ArrayList;
import java.util.List;

/// Questions to the cluster, asked on a monitor host by `ceph-probe.py`. Pure.
final class Probe {

  private Probe() {}

  static Command ask(String question, String... arguments) {
    return ask(question, List.of(arguments));
  }

  static Command ask(String question, List<String> arguments) {
    var argv = new ArrayList<>(List.of(CephFiles.PROBE, question));
    argv.addAll(arguments);
    return new Command(argv);
  }
}
