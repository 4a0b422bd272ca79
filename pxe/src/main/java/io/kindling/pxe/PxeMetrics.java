package io.kindling.pxe;

import java.util.Map;

/// Figures at one moment.
///
/// @param counts since the start
/// @param activeLeases leases that have not expired
/// @param poolSize addresses of the pool, exclusions taken off
/// @param activeTransfers TFTP transfers under way
public record PxeMetrics(
    Map<PxeCounter, Long> counts, int activeLeases, int poolSize, int activeTransfers) {}
