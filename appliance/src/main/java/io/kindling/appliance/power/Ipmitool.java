package io.kindling.appliance.power;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A BMC by IPMI 2.0 over LAN (RMCP+), through Debian's ipmitool(1). Each order is a session of its
/// own; the password goes by the environment, for arguments are everybody's to read.
final class Ipmitool implements Bmc {
  /// Of a single order; ipmitool's own resending ends well before.
  static final Duration LIMIT = Duration.ofSeconds(40);

  private static final List<String> NOT_FOUND = List.of("error=2,", "No such file");

  private final BmcAccess access;
  private final Endpoint at;
  private final Program program;

  Ipmitool(BmcAccess access, Program program) {
    this.access = access;
    this.at = access.endpoint();
    this.program = program;
  }

  @Override
  public State state() throws InterruptedException {
    String out = run("chassis", "power", "status");
    return IpmitoolOutput.power(out)
        .orElseThrow(
            () -> PowerException.passing(PowerError.REFUSED, at + ": no power state", null));
  }

  @Override
  public void on() throws InterruptedException {
    run("chassis", "power", "on");
  }

  @Override
  public void off() throws InterruptedException {
    run("chassis", "power", "off");
  }

  @Override
  public void networkOnce(boolean uefi) throws InterruptedException {
    if (uefi) {
      run("chassis", "bootdev", "pxe", "options=efiboot");
    } else {
      run("chassis", "bootdev", "pxe");
    }
    // ipmitool ends with status 0 also where the BMC refused a part of it.
    if (!IpmitoolOutput.networkNext(run("chassis", "bootparam", "get", "5"))) {
      throw new PowerException(
          PowerError.UNSUPPORTED, at.authority() + " took the network boot and does not show it");
    }
  }

  @Override
  public void locate(boolean lit) throws InterruptedException {
    if (!lit) {
      run("chassis", "identify", "0");
      return;
    }
    try {
      run("chassis", "identify", "force");
    } catch (PowerException e) {
      if (e.error() != PowerError.UNSUPPORTED) {
        throw e;
      }
      run("chassis", "identify", "255"); // IPMI 1.5 knows seconds only
    }
  }

  private String run(String... order) throws InterruptedException {
    var command =
        new ArrayList<String>(
            List.of(
                "ipmitool",
                "-v",
                "-I",
                "lanplus",
                "-H",
                at.host(),
                "-p",
                String.valueOf(at.port()),
                "-U",
                access.user(),
                "-E",
                "-L",
                access.privilege().name(),
                "-N",
                "2",
                "-R",
                "3"));
    if (access.cipher() != null) {
      command.addAll(List.of("-C", String.valueOf(access.cipher())));
    }
    command.addAll(List.of(order));
    String what = at.authority() + " " + String.join(" ", order);
    try {
      Program.Ended ended =
          program.run(command, Map.of("IPMITOOL_PASSWORD", access.password()), LIMIT);
      if (ended.status() != 0) {
        throw IpmitoolOutput.failure(ended, what);
      }
      return ended.out();
    } catch (IOException e) {
      String text = String.valueOf(e.getMessage());
      if (NOT_FOUND.stream().anyMatch(text::contains)) {
        throw new PowerException(PowerError.NO_TOOL, what, false, e);
      }
      throw PowerException.passing(PowerError.REFUSED, what + ": " + text, e);
    }
  }

  @Override
  public void close() {
    // no session outlives an order
  }
}
