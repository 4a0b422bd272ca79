/// IPv4 addresses, networks and ranges as configuration writes them.
@NullMarked
package io.kindling.appliance.net;

import org.jspecify.annotations.NullMarked;
