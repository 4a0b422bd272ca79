/// `OperatorApi(nodes, clusters, deployer, events)`: the operators’ REST API.
@NullMarked
package io.kindling.appliance.api;

import org.jspecify.annotations.NullMarked;
