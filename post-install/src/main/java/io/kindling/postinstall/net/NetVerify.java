package io.kindling.postinstall.net;

import io.kindling.postinstall.engine.Host;
import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.net.NetPlan.Node;
import io.kindling.postinstall.ssh.ExitStatus;
import io.kindling.postinstall.ssh.ExitStatus.Exited;
import io.kindling.postinstall.ssh.ExitStatus.Lost;
import io.kindling.postinstall.ssh.ExitStatus.TimedOut;
import io.kindling.postinstall.ssh.Script;
import io.kindling.postinstall.ssh.SshConnector;
import io.kindling.postinstall.ssh.SshConnector.Connected;
import io.kindling.postinstall.ssh.SshConnector.Refused;
import io.kindling.postinstall.ssh.SshSession;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Verifies networks from all nodes at once: each gets one script that does all its work, waits
/// until every node is ready, and probes for some seconds. Two commands a node, however many pairs
/// there are. What the script changes on a node it puts back, also when it is killed. Thread-safe;
/// two runs at a time would count each other's MTU as given.
public final class NetVerify {

  private static final double PROBE_SECONDS = 6;
  private static final int READY_SECONDS = 30;
  private static final Duration LIMIT = Duration.ofSeconds(READY_SECONDS + 60L);
  private static final Duration GO_LIMIT = Duration.ofSeconds(20);

  private final SshConnector connector;
  private final Clock clock;
  private final RandomGenerator random;

  public NetVerify(SshConnector connector, Clock clock, RandomGenerator random) {
    this.connector = connector;
    this.clock = clock;
    this.random = random;
  }

  /// @throws InterruptedException when the thread is interrupted; nodes put back what they changed
  ///   by themselves
  public NetReport run(NetPlan plan) throws InterruptedException {
    Instant start = clock.instant();
    String run = "%08x".formatted(random.nextInt());
    var answers = new TreeMap<String, NetAnswer>();
    var silent = new TreeMap<String, String>();
    // Counted down once by each node: when it is ready, or when it never will be.
    var ready = new CountDownLatch(plan.nodes().size());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = new ArrayList<java.util.concurrent.Future<?>>();
      for (Node node : plan.nodes()) {
        Script script = NetQuestions.script(plan, node, run, PROBE_SECONDS, READY_SECONDS + 10);
        asked.add(
            threads.submit(() -> {
              var one = new Asked(node, ready);
              String trouble = one.ask(script);
              synchronized (answers) {
                if (trouble.isEmpty()) {
                  answers.put(node.name(), one.answer);
                } else {
                  silent.put(node.name(), trouble);
                }
              }
              return null;
            }));
      }
      try {
        for (var one : asked) {
          one.get();
        }
      } catch (java.util.concurrent.ExecutionException e) {
        threads.shutdownNow();
        throw new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        threads.shutdownNow();
        throw e;
      }
    }
    return report(plan, answers, silent, start);
  }

  private NetReport report(
      NetPlan plan, Map<String, NetAnswer> answers, Map<String, String> silent, Instant start) {
    var judge = new NetJudge(plan, answers, silent);
    Instant end = clock.instant();
    return new NetReport(
        end, Duration.between(start, end).toSeconds(), judge.matrices(), judge.faults());
  }

  /// One node's conversation.
  private final class Asked {
    private final Node node;
    private final CountDownLatch ready;
    private final NetAnswer answer;
    private final CountDownLatch own = new CountDownLatch(1);

    Asked(Node node, CountDownLatch ready) {
      this.node = node;
      this.ready = ready;
      this.answer =
          new NetAnswer(node.lanes().stream().map(NetPlan.Lane::id).collect(Collectors.toSet()));
    }

    /// @return why it did not answer; empty where it did
    String ask(Script script) throws InterruptedException {
      Host host = node.host().orElse(null);
      if (host == null) {
        reached();
        return "it runs neither the bootstrap nor an installed system";
      }
      boolean sudo = !host.user().equals("root");
      try {
        return switch (connector.connect(
            host.address(), host.port(), host.user(), host.hostKeys())) {
          case Refused(SshConnector.Reason _, String detail) -> detail;
          case Connected(SshSession session) -> {
            try (session) {
              Thread starter = Thread.startVirtualThread(() -> start(session, sudo));
              ExitStatus status = session.run(sudo ? script.withSudo() : script, this::line, LIMIT);
              reached();
              starter.join();
              yield trouble(status);
            }
          }
        };
      } finally {
        reached();
      }
    }

    private void line(String line) {
      synchronized (answer) {
        answer.line(line);
        if (answer.process() != null) {
          reached();
        }
      }
    }

    private void reached() {
      synchronized (own) {
        if (own.getCount() > 0) {
          own.countDown();
          ready.countDown();
        }
      }
    }

    /// Says go when all are ready, or after a while to those that are.
    private void start(SshSession session, boolean sudo) {
      try {
        own.await();
        // Those that are not ready by then have findings of their own.
        boolean _ = ready.await(READY_SECONDS, TimeUnit.SECONDS);
        String process;
        synchronized (answer) {
          process = answer.process();
        }
        if (process != null) {
          Script go = Script.of(Resources.text(NetVerify.class, "net-go.sh"), process);
          session.run(sudo ? go.withSudo() : go, _ -> {}, GO_LIMIT);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private String trouble(ExitStatus status) {
      synchronized (answer) {
        if (answer.done()) {
          return "";
        }
        String said = answer.last();
        return said
            + (said.isEmpty() ? "" : "; ")
            + switch (status) {
              case Exited(int code) -> "exit " + code;
              case Lost(String why) -> "connection lost: " + why;
              case TimedOut(Duration after) -> "no answer within " + after.toSeconds() + " s";
            };
      }
    }
  }
}
