package io.kindling.postinstall.engine;

/// Hears how a run goes on; called from many threads, must return soon.
public interface RunListener {

  RunListener SILENT = new RunListener() {};

  default void taskStarted(String phase, GraphTask task, int number, int of) {}

  default void hostEnded(String phase, String task, RunReport.HostReport host) {}

  default void taskEnded(String phase, RunReport.TaskReport task) {}
}
