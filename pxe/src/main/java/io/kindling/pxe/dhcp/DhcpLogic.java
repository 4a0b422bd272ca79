package io.kindling.pxe.dhcp;

import io.kindling.pxe.BootAnswer;
import io.kindling.pxe.HardwareAddress;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.dhcp.wire.Ipv4;
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
  private final BiConsumer<PxeError, String> errors;

  DhcpLogic(LeaseTable leases, BiConsumer<PxeError, String> errors) {
    this.leases = leases;
    this.errors = errors;
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
    return switch (request.type()) {
      case DISCOVER -> discover(request, answer, fixedAddress, config, now);
      case REQUEST -> request(request, answer, fixedAddress, config, now);
      case DECLINE -> decline(request, config, now);
      case RELEASE -> release(request, config, now);
      case INFORM -> inform(request, answer, config);
      case OFFER, ACK, NAK -> new Decision.Ignore("a server's message");
    };
  }

  private Decision discover(
      DhcpRequest request,
      BootAnswer answer,
      Optional<Inet4Address> fixedAddress,
      DhcpConfig config,
      Instant now) {
    Optional<Inet4Address> address =
        usable(fixedAddress, request.mac(), config, now)
            .or(() -> leases.choose(request.mac(), request.requestedAddress(), config, now));
    if (address.isEmpty()) {
      errors.accept(
          PxeError.POOL_EXHAUSTED, "Pool " + config.pool() + ", machine " + request.mac() + ".");
      return new Decision.Ignore("no free address");
    }
    leases.hold(address.get(), request.mac(), now.plus(config.offerHold()), now);
    return new Decision.Send(
        Replies.offer(request, address.get(), boot(request, answer, config), config));
  }

  private Optional<Inet4Address> usable(
      Optional<Inet4Address> fixed, HardwareAddress mac, DhcpConfig config, Instant now) {
    if (fixed.isEmpty()) {
      return fixed;
    }
    String which = fixed.get().getHostAddress() + " of machine " + mac + ".";
    if (!config.isHost(fixed.get())) {
      errors.accept(PxeError.FIXED_ADDRESS_OUTSIDE, which);
      return Optional.empty();
    }
    if (!leases.free(fixed.get(), mac, now)) {
      errors.accept(PxeError.FIXED_ADDRESS_TAKEN, which);
      return Optional.empty();
    }
    return fixed;
  }

  /// RFC 2131 §4.3.2: the client's state shows in which of server identifier, requested address and
  /// ciaddr it fills in.
  private Decision request(
      DhcpRequest request,
      BootAnswer answer,
      Optional<Inet4Address> fixedAddress,
      DhcpConfig config,
      Instant now) {
    Optional<Inet4Address> serverId = request.serverId();
    Optional<Inet4Address> requested = request.requestedAddress();
    if (serverId.isPresent()) {
      if (!serverId.get().equals(config.serverAddress())) {
        leases.letGo(request.mac(), now);
        return new Decision.Ignore("took another server's offer");
      }
      // SELECTING. Some clients repeat the address in ciaddr instead of option 50.
      Optional<Inet4Address> wanted =
          requested.or(() ->
              request.hasClientAddress() ? Optional.of(request.clientAddress()) : Optional.empty());
      if (wanted.isEmpty()) {
        return new Decision.Ignore("REQUEST with a server identifier and no address");
      }
      return mayHave(wanted.get(), request.mac(), fixedAddress, config, now)
          ? ack(request, wanted.get(), answer, config, now)
          : nak(request, "address is not available", config);
    }
    if (requested.isPresent() && !request.hasClientAddress()) {
      return initReboot(request, requested.get(), answer, fixedAddress, config, now);
    }
    if (request.hasClientAddress()) {
      return extend(request, answer, fixedAddress, config, now);
    }
    return new Decision.Ignore("REQUEST that names no address");
  }

  /// INIT-REBOOT: a client that remembers an address asks whether it still holds.
  private Decision initReboot(
      DhcpRequest request,
      Inet4Address requested,
      BootAnswer answer,
      Optional<Inet4Address> fixedAddress,
      DhcpConfig config,
      Instant now) {
    if (!config.isHost(requested)) {
      return nak(request, "address is not of this network", config);
    }
    if (fixedAddress.isEmpty() && !leases.knows(request.mac())) {
      // "If the DHCP server has no record of this client, then it MUST remain silent."
      return new Decision.Ignore("INIT-REBOOT of an unknown client");
    }
    boolean fixedElsewhere = fixedAddress.filter(fixed -> !fixed.equals(requested)).isPresent();
    boolean recorded = isRecorded(requested, request.mac()) || fixedAddress.isPresent();
    return !fixedElsewhere
            && recorded
            && mayHave(requested, request.mac(), fixedAddress, config, now)
        ? ack(request, requested, answer, config, now)
        : nak(request, "address belongs to the client no more", config);
  }

  /// RENEWING (unicast) and REBINDING (broadcast): the same answer. A machine whose fixed address
  /// changed keeps its running lease until it asks anew: its installation may be under way.
  private Decision extend(
      DhcpRequest request,
      BootAnswer answer,
      Optional<Inet4Address> fixedAddress,
      DhcpConfig config,
      Instant now) {
    Inet4Address address = request.clientAddress();
    if (!config.isHost(address)) {
      return nak(request, "address is not of this network", config);
    }
    if (!leases.free(address, request.mac(), now)) {
      return nak(request, "address belongs to another machine", config);
    }
    if (isRecorded(address, request.mac())
        || mayHave(address, request.mac(), fixedAddress, config, now)) {
      return ack(request, address, answer, config, now);
    }
    return leases.knows(request.mac()) || fixedAddress.isPresent()
        ? nak(request, "address belongs to the client no more", config)
        : new Decision.Ignore("renewal of an address this server never lent");
  }

  private boolean isRecorded(Inet4Address address, HardwareAddress mac) {
    LeaseTable.Entry entry = leases.at(address);
    return entry != null && entry.mac().equals(mac) && entry.kind() != LeaseTable.Kind.DECLINED;
  }

  private boolean mayHave(
      Inet4Address address,
      HardwareAddress mac,
      Optional<Inet4Address> fixedAddress,
      DhcpConfig config,
      Instant now) {
    if (!leases.free(address, mac, now)) {
      return false;
    }
    boolean fixed = fixedAddress.filter(address::equals).isPresent() && config.isHost(address);
    boolean offered = isRecorded(address, mac) && config.isHost(address);
    return fixed || offered || config.lends(address);
  }

  private Decision ack(
      DhcpRequest request,
      Inet4Address address,
      BootAnswer answer,
      DhcpConfig config,
      Instant now) {
    LeaseTable.Change change = leases.bind(address, request.mac(), now.plus(config.leaseTime()));
    return new Decision.CommitThenSend(
        change, Replies.ack(request, address, boot(request, answer, config), config));
  }

  private static Decision nak(DhcpRequest request, String reason, DhcpConfig config) {
    return new Decision.Send(Replies.nak(request, reason, config));
  }

  private Decision decline(DhcpRequest request, DhcpConfig config, Instant now) {
    Optional<Inet4Address> address = request.requestedAddress();
    if (address.isEmpty() || !isForUs(request, config)) {
      return new Decision.Ignore("DECLINE of another server's address");
    }
    Optional<LeaseTable.Change> change =
        leases.decline(address.get(), request.mac(), now.plus(config.declineQuarantine()));
    if (change.isEmpty()) {
      return new Decision.Ignore("DECLINE of an address the client did not have");
    }
    errors.accept(
        PxeError.ADDRESS_DECLINED,
        address.get().getHostAddress() + ", found by machine " + request.mac() + ".");
    return new Decision.Commit(change.get());
  }

  private Decision release(DhcpRequest request, DhcpConfig config, Instant now) {
    if (!isForUs(request, config)) {
      return new Decision.Ignore("RELEASE of another server's address");
    }
    return leases
        .release(request.clientAddress(), request.mac(), now)
        .<Decision>map(Decision.Commit::new)
        .orElseGet(() -> new Decision.Ignore("RELEASE of an address the client did not have"));
  }

  private static boolean isForUs(DhcpRequest request, DhcpConfig config) {
    return request.serverId().filter(config.serverAddress()::equals).isPresent();
  }

  private Decision inform(DhcpRequest request, BootAnswer answer, DhcpConfig config) {
    if (request.clientAddress().equals(Ipv4.ANY)) {
      return new Decision.Ignore("INFORM without an address");
    }
    return new Decision.Send(Replies.inform(request, boot(request, answer, config), config));
  }

  private Boot boot(DhcpRequest request, BootAnswer answer, DhcpConfig config) {
    if (answer instanceof BootAnswer.FirmwareNext) {
      return new Boot.Nothing();
    }
    return switch (Loaders.of(request, config.httpBase())) {
      case Loaders.Loader.None unused -> new Boot.Nothing();
      case Loaders.Loader.Unsupported(int architecture) -> {
        errors.accept(
            PxeError.UNSUPPORTED_ARCHITECTURE,
            "Machine " + request.mac() + ", client architecture " + architecture + ".");
        yield new Boot.Nothing();
      }
      case Loaders.Loader loader -> new Boot.From(loader);
    };
  }
}
