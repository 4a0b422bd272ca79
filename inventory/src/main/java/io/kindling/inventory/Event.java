package io.kindling.inventory;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Something that happened, for the operator.
///
/// @param sequence grows by one with each event; a reader goes on from the last it saw
/// @param node the node it is about, null for the appliance itself
/// @param kind a stable word (`node-discovered`, `task-started`, `boot-stage`, …)
/// @param error the error's id where it is one (`INV-003`)
/// @param text what happened, in words
public record Event(
    long sequence,
    Instant at,
    @Nullable UUID node,
    String kind,
    @Nullable String error,
    String text) {}
