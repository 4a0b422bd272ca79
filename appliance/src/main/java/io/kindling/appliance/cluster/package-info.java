/// `ClusterParser.parse(text)` → `Cluster`: what an operator wants, checked before anything is
/// done.
@NullMarked
package io.kindling.appliance.cluster;

import org.jspecify.annotations.NullMarked;
