package io.kindling.appliance.power;

import static io.kindling.appliance.power.RedfishHttp.link;
import static io.kindling.appliance.power.RedfishHttp.text;

import io.kindling.appliance.power.RedfishHttp.Answer;
import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.Sleeper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A BMC by Redfish (DMTF DSP0266, ComputerSystem of DSP0268): reads what the service says it can
/// do and asks for nothing else.
final class RedfishBmc implements Bmc {
  /// A change that the service makes a task of (202) must end within it.
  static final int TASK_LOOKS = 30;

  private static final Duration TASK_PAUSE = Duration.ofSeconds(2);
  private static final int MANY_SYSTEMS = 64;

  private final BmcAccess access;
  private final RedfishHttp http;
  private final Sleeper sleeper;
  private final String system;

  private RedfishBmc(BmcAccess access, RedfishHttp http, Sleeper sleeper, String system) {
    this.access = access;
    this.http = http;
    this.sleeper = sleeper;
    this.system = system;
  }

  /// Logs in and finds the system.
  static RedfishBmc connect(BmcAccess access, Sleeper sleeper) throws InterruptedException {
    var http = new RedfishHttp(access);
    try {
      JsonNode root = http.get(RedfishHttp.ROOT).body();
      http.login(link(root.path("Links"), "Sessions"));
      String systems =
          link(root, "Systems")
              .orElseThrow(() ->
                  new PowerException(
                      PowerError.UNSUPPORTED, access + ": its Redfish has no Systems"));
      return new RedfishBmc(access, http, sleeper, choose(access, http, systems));
    } catch (RuntimeException | InterruptedException e) {
      http.close();
      throw e;
    }
  }

  private static String choose(BmcAccess access, RedfishHttp http, String systems)
      throws InterruptedException {
    var found = new LinkedHashMap<String, String>(); // id → path
    Optional<String> page = Optional.of(systems);
    while (page.isPresent() && found.size() < MANY_SYSTEMS) {
      JsonNode collection = http.get(page.get()).body();
      for (JsonNode member : collection.path("Members")) {
        text(member, "@odata.id")
            .ifPresent(p -> found.put(p.replaceAll(".*/(?=[^/]+/?$)|/$", ""), p));
      }
      page = text(collection, "Members@odata.nextLink");
    }
    String wanted = access.system();
    if (wanted != null) {
      String path = found.get(wanted);
      if (path == null && found.containsValue(wanted)) {
        path = wanted;
      }
      if (path != null) {
        return path;
      }
    } else if (found.size() == 1) {
      return found.values().iterator().next();
    }
    throw new PowerException(
        PowerError.SYSTEMS,
        access
            + (wanted == null ? "" : ", `" + wanted + "` wanted")
            + ": it has "
            + (found.isEmpty() ? "none" : String.join(", ", found.keySet())));
  }

  @Override
  public State state() throws InterruptedException {
    String power = text(http.get(system).body(), "PowerState").orElse("");
    return switch (power) {
      case "On" -> State.ON;
      case "Off" -> State.OFF;
      case "PoweringOn", "PoweringOff", "Paused" -> State.CHANGING;
      default ->
          throw PowerException.passing(
              PowerError.REFUSED, access + ": power state `" + power + "`", null);
    };
  }

  @Override
  public void on() throws InterruptedException {
    reset(List.of("On", "ForceOn"));
  }

  @Override
  public void off() throws InterruptedException {
    reset(List.of("ForceOff"));
  }

  /// The first of those that the service allows.
  private void reset(List<String> wanted) throws InterruptedException {
    JsonNode action = http.get(system).body().path("Actions").path("#ComputerSystem.Reset");
    String target =
        text(action, "target")
            .orElseThrow(
                () -> new PowerException(PowerError.UNSUPPORTED, access + ": no reset of it"));
    List<String> allowed = words(action.path("ResetType@Redfish.AllowableValues"));
    Optional<String> info = text(action, "@Redfish.ActionInfo");
    if (allowed.isEmpty() && info.isPresent()) {
      for (JsonNode parameter : http.get(info.get()).body().path("Parameters")) {
        if (text(parameter, "Name").filter("ResetType"::equals).isPresent()) {
          allowed = words(parameter.path("AllowableValues"));
        }
      }
    }
    List<String> known = allowed;
    String type =
        wanted.stream()
            .filter(w -> known.isEmpty() || known.contains(w)) // it need not say (DSP0268)
            .findFirst()
            .orElseThrow(() ->
                new PowerException(
                    PowerError.UNSUPPORTED,
                    access + ": no reset " + wanted.getFirst() + ", it allows " + known));
    done(http.send("POST", target, Map.of("ResetType", type), null));
  }

  @Override
  public void networkOnce(boolean uefi) throws InterruptedException {
    Answer before = http.get(system);
    JsonNode boot = before.body().path("Boot");
    List<String> targets = words(boot.path("BootSourceOverrideTarget@Redfish.AllowableValues"));
    if (boot.isMissingNode() || (!targets.isEmpty() && !targets.contains("Pxe"))) {
      throw new PowerException(
          PowerError.UNSUPPORTED, access + ": no network boot for once, it allows " + targets);
    }
    var change = new LinkedHashMap<String, Object>();
    change.put("BootSourceOverrideEnabled", "Once");
    change.put("BootSourceOverrideTarget", "Pxe");
    String mode = uefi ? "UEFI" : "Legacy";
    List<String> modes = words(boot.path("BootSourceOverrideMode@Redfish.AllowableValues"));
    if (boot.has("BootSourceOverrideMode") && (modes.isEmpty() || modes.contains(mode))) {
      change.put("BootSourceOverrideMode", mode);
    }
    patch(system, Map.of("Boot", change), before.etag().orElse(null));
    JsonNode after = http.get(system).body();
    boolean pending = after.has("@Redfish.Settings"); // then it shows only after the restart
    if (!pending
        && text(after.path("Boot"), "BootSourceOverrideTarget").filter("Pxe"::equals).isEmpty()) {
      throw new PowerException(
          PowerError.UNSUPPORTED, access + " took the network boot and does not show it");
    }
  }

  @Override
  public void locate(boolean lit) throws InterruptedException {
    Answer at = http.get(system);
    if (light(system, at, lit)) {
      return;
    }
    for (JsonNode chassis : at.body().path("Links").path("Chassis")) {
      Optional<String> path = text(chassis, "@odata.id");
      if (path.isPresent() && light(path.get(), http.get(path.get()), lit)) {
        return;
      }
    }
    throw new PowerException(PowerError.UNSUPPORTED, access + ": no LED of it is told");
  }

  /// False where the resource has no LED.
  private boolean light(String path, Answer at, boolean lit) throws InterruptedException {
    Map<String, Object> change;
    if (at.body().has("LocationIndicatorActive")) {
      change = Map.of("LocationIndicatorActive", lit);
    } else if (at.body().has("IndicatorLED")) { // until Redfish 2020.3
      List<String> known = words(at.body().path("IndicatorLED@Redfish.AllowableValues"));
      String on = known.isEmpty() || known.contains("Blinking") ? "Blinking" : "Lit";
      change = Map.of("IndicatorLED", lit ? on : "Off");
    } else {
      return false;
    }
    patch(path, change, at.etag().orElse(null));
    return true;
  }

  private void patch(String path, Map<String, Object> change, @Nullable String etag)
      throws InterruptedException {
    done(http.send("PATCH", path, change, etag));
  }

  /// Waits for what the service has made a task of (DSP0266 §9.4 "asynchronous operations").
  private void done(Answer answer) throws InterruptedException {
    if (answer.status() != 202) {
      return;
    }
    Optional<String> monitor = answer.location().or(() -> text(answer.body(), "TaskMonitor"));
    if (monitor.isEmpty()) {
      return; // what comes of it is seen at the machine
    }
    for (int look = 0; look < TASK_LOOKS; look++) {
      Answer now;
      try {
        now = http.get(monitor.get());
      } catch (PowerException e) {
        if (e.error() == PowerError.UNSUPPORTED) {
          return; // not found: a monitor may go with its task
        }
        throw e;
      }
      String state = text(now.body(), "TaskState").orElse("");
      switch (state) {
        case "Exception", "Killed", "Cancelled" -> {
          var words = new ArrayList<String>();
          for (JsonNode message : now.body().path("Messages")) {
            text(message, "Message").ifPresent(words::add);
          }
          throw new PowerException(
              PowerError.REFUSED, access + ": the task ended in " + state + " " + words);
        }
        case "Completed" -> {
          return;
        }
        default -> {
          if (now.status() != 202 && state.isEmpty()) {
            return; // a monitor that answers as the finished operation would have
          }
        }
      }
      sleeper.sleep(TASK_PAUSE, new Cancellation());
    }
    throw new PowerException(
        PowerError.NOT_IN_TIME, access + ": its task " + monitor.get() + " has not ended");
  }

  private static List<String> words(JsonNode list) {
    var words = new ArrayList<String>();
    list.forEach(word -> words.add(word.asString("")));
    return words;
  }

  @Override
  public void close() {
    http.close();
  }
}
