package io.kindling.appliance.tls;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Set;

/// Certificates of the appliance's authority for services on nodes: each made when it is asked for
/// first, the same from then on until its names change or its end is near. Thread-safe.
public final class ServiceCertificates {
  private final Authority authority;

  /// @param state the state directory
  public ServiceCertificates(Path state, Clock clock, SecureRandom random) {
    this.authority = new Authority(state.resolve(OperatorTls.FOLDER), clock, random);
  }

  private ServiceCertificates(Authority authority) {
    this.authority = authority;
  }

  /// Those by which computes know each other, of an authority for nothing else: libvirt lets in
  /// whoever has one.
  ///
  /// @param state the state directory
  public static ServiceCertificates ofComputes(Path state, Clock clock, SecureRandom random) {
    return new ServiceCertificates(
        new Authority(state.resolve("computes"), Authority.Use.PEER, clock, random));
  }

  /// Each in PEM (RFC 7468).
  ///
  /// @param authority whom clients are to trust
  public record Issued(String authority, String certificate, String key) {

    /// Keeps the key out of logs.
    @Override
    public String toString() {
      return "Issued[" + certificate + "]";
    }
  }

  /// @param of the service's name in the state directory
  /// @param names host names and IPv4 addresses
  /// @throws ApplianceException where the folder cannot be used
  public synchronized Issued of(String of, Set<String> names) {
    try {
      Authority.Identity own = authority.identity(of, names);
      return new Issued(
          pem(own.chain().getLast()), pem(own.chain().getFirst()), authority.keyText(of));
    } catch (IOException | GeneralSecurityException e) {
      throw new ApplianceException(ApplianceError.TLS, of + ": " + e.getMessage(), e);
    }
  }

  /// From now on it is another one.
  ///
  /// @throws ApplianceException where the folder cannot be used
  public synchronized void renew(String of) {
    try {
      authority.forget(of);
    } catch (IOException e) {
      throw new ApplianceException(ApplianceError.TLS, of + ": " + e.getMessage(), e);
    }
  }

  private static String pem(X509Certificate certificate) throws GeneralSecurityException {
    return new String(Pem.text("CERTIFICATE", certificate.getEncoded()), StandardCharsets.US_ASCII);
  }
}
