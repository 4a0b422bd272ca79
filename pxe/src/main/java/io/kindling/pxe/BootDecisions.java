package io.kindling.pxe;

import java.net.Inet4Address;
import java.util.Optional;

/// What `pxe` asks of the rest of the appliance. Called for every packet and request: answers come
/// from memory, never from a slow store. Implementations are thread-safe.
public interface BootDecisions {

  /// What the machine that boots from this address is to do.
  BootAnswer answer(HardwareAddress mac, BootStage stage);

  /// The address that belongs to this hardware address for good, if one does.
  Optional<Inet4Address> fixedAddress(HardwareAddress mac);

  /// A stage was reached; told once per request, cheap to ignore.
  void reached(HardwareAddress mac, BootStage stage, String detail);

  /// An address was given to a machine that is not about to boot from here.
  void leased(HardwareAddress mac, String detail);

  /// Something about the network that an operator must know; told once for each time it happens.
  void noticed(PxeError notice, String detail);
}
