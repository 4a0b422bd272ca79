/// The Ceph cluster: `CephPlan.of(model)` is a graph of the engine, from installed nodes to
/// HEALTH_OK. Pure planning; what runs on nodes lies in the resources beside it.
@NullMarked
package io.kindling.postinstall.ceph;

import org.jspecify.annotations.NullMarked;
