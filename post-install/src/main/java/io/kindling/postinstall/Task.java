package io.kindling.postinstall;

/// One durable step. It may be run again at any time before its outcome was recorded, also while
/// the remote part of an earlier run still works: it must come to the same end.
public interface Task {

  /// A stable name: in outcomes, logs and progress.
  String name();

  /// @throws InterruptedException when the appliance shuts down; the step stays to be run again
  TaskResult run(TaskContext context) throws InterruptedException;
}
