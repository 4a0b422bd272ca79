package io.kindling.postinstall;

import java.time.Clock;
import java.util.Map;
import java.util.function.IntConsumer;

/// What a task works with. The log and the progress may be used from any thread.
///
/// @param results what earlier tasks of this attempt recorded
/// @param log takes a line for the node's log
/// @param percent takes the running task's progress, 0–100
public record TaskContext(
    InstallPlan plan,
    Map<String, String> results,
    java.util.function.Consumer<String> log,
    IntConsumer percent,
    Cancellation cancellation,
    Clock clock,
    Sleeper sleeper,
    InstallSettings settings) {}
