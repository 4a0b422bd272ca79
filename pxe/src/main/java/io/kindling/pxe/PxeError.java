package io.kindling.pxe;

/// What can go wrong while answering the network, with what to do. The ids are stable: they stand
/// in logs, problem bodies and the troubleshooting guide.
public enum PxeError {
  POOL_EXHAUSTED(
      "No free address is left in the DHCP pool.",
      "Widen the pool in the configuration, or shorten the lease time."),
  LEASE_NOT_STORED(
      "A lease could not be written to stable storage, so it was not acknowledged.",
      "Check free space and health of the disk that holds the state directory; clients ask again by"
          + " themselves."),
  OVERLOADED(
      "More DHCP requests arrived than leases can be stored; the newest were dropped.",
      "Nothing if machines start all at once: they ask again. If it stays, look for a client in a"
          + " loop or a slow disk."),
  FIXED_ADDRESS_TAKEN(
      "The address fixed for a machine is held by another one.",
      "Remove the other machine from that address; until then the machine gets one from the pool."),
  FIXED_ADDRESS_OUTSIDE(
      "The address fixed for a machine is not in the provisioning network.",
      "Correct the machine's address or the network's range."),
  ADDRESS_DECLINED(
      "A client found its address in use by somebody else.",
      "Find the machine that uses this address without a lease and give it another; the address is"
          + " left out for a while."),
  UNSUPPORTED_ARCHITECTURE(
      "A machine asked to boot with a firmware for which there is no loader.",
      "Use BIOS or 64-bit x86 UEFI on that machine; it got an address without boot options."),
  SOCKET_FAILED(
      "A network socket could not be opened.",
      "Check that the interface exists and has the appliance's address, that no other DHCP or TFTP"
          + " server runs here, and that the appliance may bind low ports."),
  BAD_CONFIGURATION(
      "The network configuration contradicts itself.",
      "Correct the named value; the one before stays in force."),
  BAD_MAC("The request names no valid hardware address.", "Ask with ?mac=52:54:00:00:00:01."),
  UNKNOWN_FILE(
      "There is no boot file of that name.", "Build the image, or check the name in the request."),
  NOT_BOOTING(
      "This machine has no boot of the bootstrap image under way.",
      "Start it over the network again; look at the node's state."),
  BAD_KERNEL_ARGUMENT(
      "A kernel argument holds characters that a boot loader would interpret.",
      "Use letters, digits and _ . , : / = @ % + - [ ] ? only."),
  SCRIPT_FAILED(
      "A boot script could not be made.",
      "Report it with the log's lines; it is a fault of this program."),
  FILE_UNREADABLE(
      "A boot file could not be read.", "Check the file and its disk; build the image again."),
  NO_ROUTE("There is nothing under this address.", "See the reference of /boot/v1."),
  BOOT_GAVE_UP(
      "The loader could not fetch the bootstrap image or installer and gave up.",
      "Check that the appliance's HTTP port is reachable from the machine's network."),
  UNKNOWN_NETWORK(
      "A relay forwarded a request from a network that this server does not serve.",
      "Add the network to `provisioning.relayed`, or take this server out of that relay's list."),
  ADDRESS_IN_USE(
      "An address of the pool is used by a machine that has no lease for it.",
      "Find that machine and give it another address, or take this one out of the pool; it is left"
          + " out for a while."),
  FOREIGN_SERVER_SILENCES(
      "Another DHCP server answers on this network, so this one stays silent.",
      "Stop the other server, or set `provisioning.dhcp` to `proxy` to work beside it; if both must"
          + " serve, set `provisioning.beside` to true."),
  FOREIGN_SERVER(
      "Another DHCP server answers on this network.",
      "Stop the other server: machines that take its offers do not boot from here."),
  FOREIGN_SERVER_GONE("Another DHCP server is no longer heard.", "Nothing to do."),
  SITE_SERVER_FOUND(
      "The site's DHCP server was found; machines get their addresses from it.", "Nothing to do."),
  SITE_SERVER_BOOTS(
      "The site's DHCP server says what to boot itself, which some firmware prefers.",
      "Take boot file and next server out of its configuration for this network."),
  NO_SITE_SERVER(
      "No DHCP server of the site answers, so machines get no addresses.",
      "Start the site's server, or set `provisioning.dhcp` to `server`."),
  PROBES_UNAVAILABLE(
      "Addresses cannot be probed and other DHCP servers cannot be looked for.",
      "Run the appliance as root or with CAP_NET_RAW."),
  BOOT_STALLED(
      "A machine began to boot and did not go on.",
      "Look at the machine's console; the missing step is named.");

  private final String summary;
  private final String cure;

  PxeError(String summary, String cure) {
    this.summary = summary;
    this.cure = cure;
  }

  /// `PXE-001`: by the order of declaration, so new ones go to the end.
  public String id() {
    return "PXE-%03d".formatted(ordinal() + 1);
  }

  /// What happened.
  public String summary() {
    return summary;
  }

  /// What to do.
  public String cure() {
    return cure;
  }

  /// One line for a log: id, what happened, details, what to do.
  public String line(String detail) {
    return id() + " " + summary + " " + detail + " " + cure;
  }
}
