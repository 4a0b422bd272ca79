/// The rack's time: `TimeServer(address, networks, port).start()`.
@NullMarked
package io.kindling.appliance.time;

import org.jspecify.annotations.NullMarked;
