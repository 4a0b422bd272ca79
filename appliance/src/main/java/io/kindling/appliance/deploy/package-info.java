/// `Deployer(nodes, planner, installer)`: from what an operator wants to installed nodes, resumable
/// at any point.
@NullMarked
package io.kindling.appliance.deploy;

import org.jspecify.annotations.NullMarked;
