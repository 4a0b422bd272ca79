package io.kindling.pxe.dhcp;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeCounter;
import io.kindling.pxe.PxeCounters;
import io.kindling.pxe.PxeError;
import java.net.Inet4Address;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiConsumer;

/// What a DHCP server does (RFC 2131 §4.3), as a function of message, leases, configuration and
/// time. It does no I/O; of its arguments it changes only the lease table.
///
/// A lease belongs to the hardware address: firmware, boot loader and operating system of one
/// machine send different client identifiers and are one client here.
final class DhcpLogic {
  private final LeaseTable leases;
  private final Loaders loaders;
  private final BiConsumer<PxeError, String> errors;
  private final PxeCounters counters;

  DhcpLogic(
      LeaseTable leases,
      Loaders loaders,
      BiConsumer<PxeError, String> errors,
      PxeCounters counters) {
    this.leases = leases;
    this.loaders = loaders;
    this.errors = errors;
    this.counters = counters;
  }

  Decision decide(
      DhcpRequest request,
      BootAnswer answer,
      Optional<Inet4Address> fixedAddress,
      DhcpConfig config,
      Instant now) {
    if (answer instanceof BootAnswer.Silence(String reason)) {
      return new Decision.Ignore("told to be silent: " + reason);
    }
    Optional<Subnet> subnet = subnet(request, config);
    if (subnet.isEmpty()) {
      errors.accept(
          PxeError.UNKNOWN_NETWORK,
          request.network().map(Inet4Address::getHostAddress).orElse("")
              + ", machine "
              + request.mac()
              + ".");
      return new Decision.Ignore("a network this server does not serve");
    }
    Optional<Inet4Address> own =
        fixedAddress.or(() -> Optional.ofNullable(subnet.get().reservations().get(request.mac())));
    // In a pool that fills up, a machine nobody knows shows first that it stays.
    boolean briefly =
        own.isEmpty() && leases.crowded(subnet.get(), now) && !leases.holds(request.mac(), now);
    DhcpConfig times = briefly ? config.brief() : config;
    var asked = new Asked(request, answer, own, subnet.get(), times, briefly, now);
    if (request.bootp()) {
      return bootp(asked);
    }
    return switch (request.type()) {
      case DISCOVER -> discover(asked);
      case REQUEST -> request(asked);
      case DECLINE -> decline(asked);
      case RELEASE -> release(asked);
      case INFORM -> inform(asked);
      case OFFER, ACK, NAK -> new Decision.Ignore("a server's message");
    };
  }

  /// A message and all that its answer depends on.
  ///
  /// @param own the address that belongs to this machine for good, if one does
  /// @param briefly whether it gets a lease for a short time only, as `config` says
  private record Asked(
      DhcpRequest request,
      BootAnswer answer,
      Optional<Inet4Address> own,
      Subnet subnet,
      DhcpConfig config,
      boolean briefly,
      Instant now) {
    HardwareAddress mac() {
      return request.mac();
    }

    /// What the client knows this server by (RFC 5107).
    Inet4Address serverId() {
      return request.relay().serverId().orElse(config.serverAddress());
    }

    /// A renewal that went past the relay names the server itself, whatever the relay made it know.
    boolean names(Inet4Address server) {
      return server.equals(serverId()) || server.equals(config.serverAddress());
    }
  }

  private static Optional<Subnet> subnet(DhcpRequest request, DhcpConfig config) {
    Optional<Inet4Address> network = request.network();
    if (network.isPresent()) {
      return config.subnetOf(network.get());
    }
    return request.hasClientAddress()
        ? config.subnetOf(request.clientAddress()).or(() -> Optional.of(config.local()))
        : Optional.of(config.local());
  }

  private Decision discover(Asked asked) {
    Optional<Inet4Address> address =
        usable(asked)
            .or(() ->
                leases.choose(
                    asked.mac(), asked.request().requestedAddress(), asked.subnet(), asked.now()));
    if (address.isEmpty()) {
      errors.accept(
          PxeError.POOL_EXHAUSTED, "Network " + asked.subnet() + ", machine " + asked.mac() + ".");
      return new Decision.Ignore("no free address");
    }
    boolean known = isRunning(address.get(), asked);
    Instant until = asked.now().plus(asked.config().offerHold());
    if (leases.hold(address.get(), asked.mac(), until, asked.now())) {
      counters.add(PxeCounter.DHCP_OFFERS_WITHDRAWN);
    }
    return new Decision.Offer(
        address.get(), asked.subnet(), !known, Replies.offer(reply(asked), address.get()));
  }

  private boolean isRunning(Inet4Address address, Asked asked) {
    LeaseTable.Entry entry = leases.at(address);
    return isRecorded(address, asked.mac()) && entry != null && entry.active(asked.now());
  }

  /// RFC 1534 §2: a BOOTP client keeps its address for ever, so only one that is its own will do.
  private Decision bootp(Asked asked) {
    Optional<Inet4Address> address = usable(asked);
    if (address.isEmpty()) {
      return new Decision.Ignore("BOOTP client without an address of its own");
    }
    return new Decision.Send(Replies.bootp(reply(asked), address.get()));
  }

  private Optional<Inet4Address> usable(Asked asked) {
    if (asked.own().isEmpty()) {
      return asked.own();
    }
    Inet4Address own = asked.own().get();
    String which = own.getHostAddress() + " of machine " + asked.mac() + ".";
    if (!asked.subnet().isHost(own)) {
      errors.accept(PxeError.FIXED_ADDRESS_OUTSIDE, which);
      return Optional.empty();
    }
    if (!leases.free(own, asked.mac(), asked.now())) {
      errors.accept(PxeError.FIXED_ADDRESS_TAKEN, which);
      return Optional.empty();
    }
    return asked.own();
  }

  private Replies.To reply(Asked asked) {
    return new Replies.To(
        asked.request(), asked.subnet(), asked.config(), asked.serverId(), boot(asked));
  }

  /// RFC 2131 §4.3.2: the client's state shows in which of server identifier, requested address and
  /// ciaddr it fills in.
  private Decision request(Asked asked) {
    DhcpRequest request = asked.request();
    Optional<Inet4Address> serverId = request.serverId();
    Optional<Inet4Address> requested = request.requestedAddress();
    if (serverId.isPresent()) {
      if (!asked.names(serverId.get())) {
        leases.letGo(request.mac(), asked.now());
        return new Decision.Ignore("took another server's offer");
      }
      // SELECTING. Some clients repeat the address in ciaddr instead of option 50.
      Optional<Inet4Address> wanted =
          requested.or(() ->
              request.hasClientAddress() ? Optional.of(request.clientAddress()) : Optional.empty());
      if (wanted.isEmpty()) {
        return new Decision.Ignore("REQUEST with a server identifier and no address");
      }
      return mayHave(wanted.get(), asked)
          ? ack(asked, wanted.get())
          : nak(asked, "address is not available");
    }
    if (requested.isPresent() && !request.hasClientAddress()) {
      return initReboot(asked, requested.get());
    }
    if (request.hasClientAddress()) {
      return extend(asked);
    }
    return new Decision.Ignore("REQUEST that names no address");
  }

  /// INIT-REBOOT: a client that remembers an address asks whether it still holds.
  private Decision initReboot(Asked asked, Inet4Address requested) {
    if (!asked.subnet().isHost(requested)) {
      return nak(asked, "address is not of this network");
    }
    if (asked.own().isEmpty() && !leases.knows(asked.mac())) {
      // "If the DHCP server has no record of this client, then it MUST remain silent."
      return new Decision.Ignore("INIT-REBOOT of an unknown client");
    }
    boolean ownElsewhere = asked.own().filter(own -> !own.equals(requested)).isPresent();
    boolean recorded = isRecorded(requested, asked.mac()) || asked.own().isPresent();
    return !ownElsewhere && recorded && mayHave(requested, asked)
        ? ack(asked, requested)
        : nak(asked, "address belongs to the client no more");
  }

  /// RENEWING (unicast) and REBINDING (broadcast): the same answer. A machine whose fixed address
  /// changed keeps its running lease until it asks anew: its installation may be under way.
  private Decision extend(Asked asked) {
    Inet4Address address = asked.request().clientAddress();
    if (!asked.subnet().isHost(address)) {
      return nak(asked, "address is not of this network");
    }
    if (!leases.free(address, asked.mac(), asked.now())) {
      return nak(asked, "address belongs to another machine");
    }
    if (isRecorded(address, asked.mac()) || mayHave(address, asked)) {
      return ack(asked, address);
    }
    return leases.knows(asked.mac()) || asked.own().isPresent()
        ? nak(asked, "address belongs to the client no more")
        : new Decision.Ignore("renewal of an address this server never lent");
  }

  private boolean isRecorded(Inet4Address address, HardwareAddress mac) {
    LeaseTable.Entry entry = leases.at(address);
    return entry != null && entry.mac().equals(mac) && entry.kind() != LeaseTable.Kind.DECLINED;
  }

  private boolean mayHave(Inet4Address address, Asked asked) {
    if (!leases.free(address, asked.mac(), asked.now())) {
      return false;
    }
    boolean host = asked.subnet().isHost(address);
    boolean own = asked.own().filter(address::equals).isPresent() && host;
    boolean offered = isRecorded(address, asked.mac()) && host;
    return own || offered || asked.subnet().lends(address);
  }

  private Decision ack(Asked asked, Inet4Address address) {
    if (asked.briefly()) {
      counters.add(PxeCounter.DHCP_BRIEF_LEASES);
    }
    LeaseTable.Change change =
        leases.bind(address, asked.mac(), asked.now().plus(asked.config().leaseTime()));
    return new Decision.CommitThenSend(change, Replies.ack(reply(asked), address));
  }

  private Decision nak(Asked asked, String reason) {
    return new Decision.Send(Replies.nak(asked.request(), reason, asked.serverId()));
  }

  private Decision decline(Asked asked) {
    Optional<Inet4Address> address = asked.request().requestedAddress();
    if (address.isEmpty() || !isForUs(asked)) {
      return new Decision.Ignore("DECLINE of another server's address");
    }
    Optional<LeaseTable.Change> change =
        leases.decline(
            address.get(), asked.mac(), asked.now().plus(asked.config().declineQuarantine()));
    if (change.isEmpty()) {
      return new Decision.Ignore("DECLINE of an address the client did not have");
    }
    errors.accept(
        PxeError.ADDRESS_DECLINED,
        address.get().getHostAddress() + ", found by machine " + asked.mac() + ".");
    return new Decision.Commit(change.get());
  }

  private Decision release(Asked asked) {
    if (!isForUs(asked)) {
      return new Decision.Ignore("RELEASE of another server's address");
    }
    return leases
        .release(asked.request().clientAddress(), asked.mac(), asked.now())
        .<Decision>map(Decision.Commit::new)
        .orElseGet(() -> new Decision.Ignore("RELEASE of an address the client did not have"));
  }

  private static boolean isForUs(Asked asked) {
    return asked.request().serverId().filter(asked::names).isPresent();
  }

  private Decision inform(Asked asked) {
    if (!asked.request().hasClientAddress()) {
      return new Decision.Ignore("INFORM without an address");
    }
    return new Decision.Send(Replies.inform(reply(asked)));
  }

  /// A stranger answered for an address before its offer was sent: nobody is offered it for a
  /// while.
  LeaseTable.Change taken(Inet4Address address, HardwareAddress client, Instant until) {
    return leases.quarantine(address, client, until);
  }

  private Boot boot(Asked asked) {
    if (asked.answer() instanceof BootAnswer.FirmwareNext) {
      return new Boot.Nothing();
    }
    return switch (loaders.of(asked.request(), asked.config().httpBase())) {
      case Loaders.Loader.None unused -> new Boot.Nothing();
      case Loaders.Loader.Unsupported(int architecture) -> {
        errors.accept(
            PxeError.UNSUPPORTED_ARCHITECTURE,
            "Machine " + asked.mac() + ", client architecture " + architecture + ".");
        yield new Boot.Nothing();
      }
      case Loaders.Loader loader -> new Boot.From(loader);
    };
  }
}
