/// OpenStack's control plane on the Ceph cluster: `OpenStackPlan.of(model)` is a graph of the
/// engine, from packages to an image that lies in Ceph. Pure planning; what runs on nodes lies in
/// the resources beside it.
@NullMarked
package io.kindling.postinstall.openstack;

import org.jspecify.annotations.NullMarked;
