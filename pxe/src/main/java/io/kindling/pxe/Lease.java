package io.kindling.pxe;

import java.net.Inet4Address;
import java.time.Instant;

/// An address lent to a hardware address.
///
/// @param declined true where a client found the address in use: nobody gets it until `expires`
public record Lease(HardwareAddress mac, Inet4Address address, Instant expires, boolean declined) {}
