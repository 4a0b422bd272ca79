/// `Appliance(config)`: wires the modules; two HTTP listeners, one Unix socket, one CLI.
@NullMarked
package io.kindling.appliance;

import org.jspecify.annotations.NullMarked;
