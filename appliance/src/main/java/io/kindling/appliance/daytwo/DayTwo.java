package io.kindling.appliance.daytwo;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.daytwo.OperationBook.Operation;
import io.kindling.appliance.daytwo.OperationBook.State;
import io.kindling.appliance.deploy.ClusterPhases;
import io.kindling.appliance.deploy.NodeOsds;
import io.kindling.appliance.deploy.OneRun;
import io.kindling.appliance.deploy.PhaseText;
import io.kindling.appliance.deploy.Settings;
import io.kindling.appliance.deploy.TaskEvents;
import io.kindling.inventory.Assignment;
import io.kindling.inventory.EventStore;
import io.kindling.inventory.Node;
import io.kindling.inventory.NodeStore;
import io.kindling.inventory.Role;
import io.kindling.postinstall.Cancellation;
import io.kindling.postinstall.ceph.CephModel;
import io.kindling.postinstall.ceph.CephModel.Osd;
import io.kindling.postinstall.daytwo.DayTwoError;
import io.kindling.postinstall.daytwo.DayTwoPlan;
import io.kindling.postinstall.daytwo.Order;
import io.kindling.postinstall.engine.Engine;
import io.kindling.postinstall.engine.Engine.Mode;
import io.kindling.postinstall.engine.Finding;
import io.kindling.postinstall.engine.Graph;
import io.kindling.postinstall.engine.RunListener;
import io.kindling.postinstall.engine.RunReport;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out one order at a time, and goes on with it after a restart. Thread-safe.
public final class DayTwo implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(DayTwo.class);

  private final NodeStore nodes;
  private final EventStore events;
  private final ClusterPhases phases;
  private final Decisions decisions;
  private final NodeOsds osds;
  private final OperationBook book;
  private final Engine engine;
  private final Engine patient;
  private final OneRun turn;
  private final ExecutorService threads;
  private @Nullable Future<?> running;
  private volatile boolean closing;

  /// @param patient waits as long as a machine may take to boot
  public DayTwo(
      NodeStore nodes,
      EventStore events,
      ClusterPhases phases,
      Decisions decisions,
      NodeOsds osds,
      Settings settings,
      Engine engine,
      Engine patient,
      OneRun turn,
      ExecutorService threads) {
    this.nodes = nodes;
    this.events = events;
    this.phases = phases;
    this.decisions = decisions;
    this.osds = osds;
    this.book = new OperationBook(settings);
    this.engine = engine;
    this.patient = patient;
    this.turn = turn;
    this.threads = threads;
  }

  /// What would be done.
  ///
  /// @param text the steps with their exact commands
  /// @param refused why it may not begin now, null where it may
  public record Plan(String title, String text, @Nullable Finding refused) {}

  /// @param state `running`, `done`, `failed`
  public record View(String title, String state, @Nullable String error, @Nullable String reason) {}

  /// Decides and looks; changes nothing.
  ///
  /// @throws DayTwoException where the request cannot be decided
  public Plan plan(Request request) throws InterruptedException {
    CephModel model = model();
    return plan(model, decisions.decide(model, phases.openstack(), request));
  }

  private Plan plan(CephModel model, Order order) throws InterruptedException {
    Finding refused = refused(model, order);
    RunReport look =
        run(
            engine,
            DayTwoPlan.work(model, phases.openstack(), order),
            model,
            Mode.LOOK,
            RunListener.SILENT);
    String may = refused == null ? "may begin now" : "refused now: " + refused.text();
    return new Plan(
        order.title(), "%s: %s%n%s".formatted(order.title(), may, PhaseText.of(look)), refused);
  }

  /// Begins; returns at once with the plan that is carried out.
  ///
  /// @param permit looks at what was decided, and throws where that may not be done
  /// @throws DayTwoException where it is refused
  public Plan begin(Request request, Consumer<Order> permit) throws InterruptedException {
    CephModel model = model();
    take();
    boolean begun = false;
    try {
      Order order = decisions.decide(model, phases.openstack(), request);
      permit.accept(order);
      Plan plan = plan(model, order);
      if (plan.refused() != null) {
        throw new DayTwoException(plan.refused());
      }
      begin(order);
      begun = true;
      return plan;
    } finally {
      if (!begun) {
        turn.done();
      }
    }
  }

  /// Goes on with the order that stopped half way.
  public View resume() {
    Operation last =
        book.last()
            .filter(o -> o.state() == State.FAILED)
            .orElseThrow(() -> new DayTwoException(DayTwoError.NOTHING_TO_RESUME, ""));
    take();
    begin(last.order());
    return view(book.last().orElse(last));
  }

  /// The last order.
  public Optional<View> last() {
    return book.last().map(DayTwo::view);
  }

  /// Goes on with the order that ran when the appliance ended.
  public void resumeAfterStart() {
    Optional<Operation> last = book.last().filter(o -> o.state() == State.RUNNING);
    if (last.isPresent() && turn.take(last.get().order().title())) {
      events.append(null, "operation-resumed", null, last.get().order().title());
      begin(last.get().order());
    }
  }

  /// Says of an order that ran that it stopped: it goes on when somebody asks for it.
  ///
  /// @return its title, where one ran
  public static Optional<String> stop(Settings settings, String error, String reason) {
    var book = new OperationBook(settings);
    Optional<Operation> last = book.last().filter(o -> o.state() == State.RUNNING);
    last.ifPresent(o -> book.keep(new Operation(o.order(), State.FAILED, error, reason)));
    return last.map(o -> o.order().title());
  }

  private void take() {
    if (!turn.take("an operation")) {
      throw new DayTwoException(DayTwoError.BUSY, turn.holder().orElse(""));
    }
  }

  private synchronized void begin(Order order) {
    book.keep(new Operation(order, State.RUNNING, null, null));
    running = threads.submit(() -> work(order));
  }

  private void work(Order order) {
    try {
      events.append(null, "operation-started", null, order.title());
      CephModel model = model();
      Engine by = order instanceof Order.Reboot ? patient : engine;
      RunReport report =
          run(
              by,
              DayTwoPlan.work(model, phases.openstack(), order),
              model,
              Mode.APPLY,
              new TaskEvents(events));
      if (closing) {
        return; // it goes on after the next start
      }
      Finding finding =
          report.tasks().stream()
              .flatMap(task -> Optional.ofNullable(task.finding()).stream())
              .findFirst()
              .orElse(null);
      if (finding == null) {
        note(order);
        book.keep(new Operation(order, State.DONE, null, null));
        events.append(null, "operation-done", null, order.title());
      } else {
        failed(order, finding.error(), finding.text());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // shutting down: the book says running, and it is
    } catch (RuntimeException e) {
      logger.error("{} in {}", ApplianceError.INTERNAL.id(), order.title(), e);
      failed(order, ApplianceError.INTERNAL.id(), String.valueOf(e.getMessage()));
    } finally {
      turn.done();
    }
  }

  private void failed(Order order, String error, String reason) {
    book.keep(new Operation(order, State.FAILED, error, reason));
    events.append(null, "operation-failed", error, order.title() + ": " + reason);
  }

  /// From now on deployments know of it.
  private void note(Order order) {
    nodes
        .findByName(order.host())
        .ifPresent(node -> {
          switch (order) {
            case Order.Add add ->
                add.drives().forEach(d -> osds.add(node, new Osd(d.partition(), d.db())));
            case Order.Replace r ->
                osds.replace(node, r.partition(), new Osd(r.drive().partition(), r.drive().db()));
            case Order.Enter _,
                Order.Exit _,
                Order.Reboot _,
                Order.Evacuate _ -> {} // nothing lasting
            case Order.Retire _ -> nodes.change(node.id(), DayTwo::noCompute);
          }
        });
  }

  private static Node noCompute(Node node) {
    Assignment assignment = node.assignment();
    return assignment == null ? node : node.withAssignment(assignment.without(Role.COMPUTE));
  }

  private @Nullable Finding refused(CephModel model, Order order) throws InterruptedException {
    RunReport report =
        run(
            engine,
            DayTwoPlan.check(model, phases.openstack(), order),
            model,
            Mode.APPLY,
            RunListener.SILENT);
    return report.tasks().stream()
        .flatMap(task -> Optional.ofNullable(task.finding()).stream())
        .findFirst()
        .orElse(null);
  }

  private static RunReport run(
      Engine by, Graph graph, CephModel model, Mode mode, RunListener listener)
      throws InterruptedException {
    return by.run(
        graph,
        model.nodes().stream().map(CephModel.Node::host).toList(),
        mode,
        listener,
        new Cancellation());
  }

  private CephModel model() {
    return phases
        .model()
        .orElseThrow(() -> new DayTwoException(DayTwoError.NOT_A_MEMBER, "there is no cluster"));
  }

  private static View view(Operation operation) {
    return new View(
        operation.order().title(),
        operation.state().name().toLowerCase(java.util.Locale.ROOT),
        operation.error(),
        operation.reason());
  }

  @Override
  public synchronized void close() {
    closing = true;
    Future<?> now = running;
    if (now != null) {
      now.cancel(true);
    }
  }
}
