package io.kindling.appliance.power;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How a machine's BMC is reached. Holds the password: it is kept sealed and shown to nobody.
///
/// @param address host or address, with a port where it is not the usual one; null: the one that
///   the machine reports
/// @param cipher IPMI's cipher suite, null: the best that both know
/// @param privilege IPMI's privilege level of the session
/// @param system which of a Redfish service's systems, null: the only one
/// @param fingerprint SHA-256 of the certificate, 64 hexadecimal digits, null: not pinned
/// @param ca certificates in PEM that may have signed it, null: those the system trusts
public record BmcAccess(
    Kind kind,
    @Nullable String address,
    String user,
    String password,
    @Nullable Integer cipher,
    Privilege privilege,
    @Nullable String system,
    @Nullable String fingerprint,
    @Nullable String ca) {

  /// The protocol.
  public enum Kind {
    IPMI,
    REDFISH;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// IPMI 2.0 §6.8; switching and identifying take an operator.
  public enum Privilege {
    OPERATOR,
    ADMINISTRATOR
  }

  BmcAccess at(String address) {
    return new BmcAccess(kind, address, user, password, cipher, privilege, system, fingerprint, ca);
  }

  /// Host and port.
  Endpoint endpoint() {
    if (address == null) {
      throw new PowerException(PowerError.NO_ADDRESS, "user " + user);
    }
    return Endpoint.parse(address, kind == Kind.IPMI ? Endpoint.IPMI : Endpoint.HTTPS)
        .orElseThrow(() -> new PowerException(PowerError.NO_ADDRESS, "`" + address + "`"));
  }

  /// Without the password.
  @Override
  public String toString() {
    return kind.label() + " " + user + (address == null ? "" : "@" + address);
  }
}
