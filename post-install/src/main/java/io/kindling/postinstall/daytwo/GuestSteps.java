package io.kindling.postinstall.daytwo;

import io.kindling.postinstall.engine.Command;
import io.kindling.postinstall.engine.Item;
import io.kindling.postinstall.engine.Item.Action;
import io.kindling.postinstall.engine.Item.Gate;
import io.kindling.postinstall.engine.Scope;
import io.kindling.postinstall.openstack.OpenStackModel;
import io.kindling.postinstall.openstack.OpenStackPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What becomes of a host's guests; nothing where it is no compute. They are asked for and moved on
/// the controller, by `guests.py`.
final class GuestSteps {
  private static final String GUESTS = "/usr/local/lib/kindling/guests";
  private static final String FOLDERS = "/usr/local/lib/kindling/guest-folders";
  private static final String COMPUTE = "nova-compute.service";

  /// Until the last guest has moved.
  private static final Duration MOVES = Duration.ofHours(2);

  private final Steps steps;
  private final String host;
  private final @Nullable String controller;

  GuestSteps(Steps steps, @Nullable OpenStackModel openstack) {
    this.steps = steps;
    this.host = steps.host();
    this.controller =
        openstack != null && openstack.computes().stream().anyMatch(c -> c.name().equals(host))
            ? openstack.control().name()
            : null;
  }

  void mayMove() {
    may("guests-may-move", "its guests have where to go", "may_move", host);
  }

  /// @param address the host's, where nothing may answer
  void mayStartElsewhere(String address) {
    may(
        "guests-may-be-started",
        "it is dead, and its guests have where to go",
        "may_evacuate",
        host,
        address);
  }

  void mayLeave() {
    may("guests-may-leave", "its guests have where to go", "may_leave", host);
  }

  private void may(String name, String title, String... question) {
    add(name, title, new Gate("guests", ask(question), Steps.AT_ONCE, DayTwoError.NO_ANSWER));
  }

  /// They move while they run.
  void off() {
    add(
        "guests-off",
        "its guests move to other computes while they run",
        new Action(
            "no new guest comes to " + host, ask("closed", host), List.of(ask("close", host))),
        new Action("guests of " + host + " moved", ask("moved", host), List.of(ask("move", host))));
  }

  /// For a host that is down.
  void elsewhere(String name, String title) {
    add(
        name,
        title,
        new Action(
            "guests of " + host + " elsewhere",
            ask("evacuated", host),
            List.of(ask("evacuate", host))));
  }

  /// Nova moves a guest that is shut off only from a compute that is down; that compute clears away
  /// what it had of it when it is back. Only then does it go.
  void retire() {
    off();
    String active = "systemctl --quiet is-active " + COMPUTE;
    steps.here(
        "nova-down",
        "its part of Nova is down",
        Steps.SOON,
        new Action(
            COMPUTE + " is down",
            Command.of("sh", "-c", "! " + active),
            List.of(Command.of("systemctl", "stop", COMPUTE))));
    elsewhere("guests-shut-off", "guests that are shut off belong to other computes");
    steps.here(
        "nova-back",
        "its part of Nova is back",
        Steps.SOON,
        new Action(
            COMPUTE + " runs, or is off for good",
            Command.of("sh", "-c", active + " || ! systemctl --quiet is-enabled " + COMPUTE),
            List.of(Command.of("systemctl", "start", COMPUTE))));
    cleared();
    steps.here(
        "off", "it is no compute", Steps.SOON, OpenStackPlan.noCompute().toArray(Item[]::new));
    add(
        "forgotten",
        "Nova, Placement and Neutron know it no more",
        new Action(host + " forgotten", ask("forgotten", host), List.of(ask("forget", host))));
  }

  /// They may come to it again.
  void on() {
    cleared();
    add(
        "guests-on",
        "guests may come to it again",
        new Action("guests may come to " + host, ask("opened", host), List.of(ask("open", host))),
        new Gate("Nova hears from " + host, ask("up", host), Steps.BOOT, DayTwoError.NOT_BACK));
  }

  /// Before that Nova does not take back that it is down, and no guest can come back to it.
  private void cleared() {
    add(
        "cleared",
        "it has cleared away what it had of guests that are elsewhere",
        new Gate(
            "evacuations of " + host, ask("cleared", host), Steps.SOON, DayTwoError.NOT_CLEARED));
    if (controller != null) {
      steps.here(
          "folders",
          "nothing is left of guests that are elsewhere",
          Steps.SOON,
          Steps.program(FOLDERS, "guest-folders.sh"),
          new Action(
              "folders of guests that are elsewhere",
              Command.of(FOLDERS, "check"),
              List.of(Command.of(FOLDERS, "remove"))));
    }
  }

  private void add(String name, String title, Item... items) {
    if (controller != null) {
      var all = new ArrayList<Item>(List.of(Steps.program(GUESTS, "guests.py")));
      all.addAll(List.of(items));
      steps.add(name, title, Scope.once(List.of(controller)), MOVES, all.toArray(Item[]::new));
    }
  }

  private static Command ask(String... words) {
    var argv = new ArrayList<>(List.of(GUESTS));
    argv.addAll(List.of(words));
    return new Command(argv);
  }
}
