package io.kindling.appliance.power;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Which certificate a BMC may have. BMCs sign theirs themselves: then it is pinned by its SHA-256,
/// which says who it is whatever name and dates it bears. Else it must be signed by a given
/// authority, or one that the system trusts, and bear the BMC's name. Thread-safe.
final class Trust extends X509ExtendedTrustManager {
  private final @Nullable String fingerprint;
  private final X509ExtendedTrustManager authorities;
  private volatile String seen = "";

  private Trust(@Nullable String fingerprint, X509ExtendedTrustManager authorities) {
    this.fingerprint = fingerprint;
    this.authorities = authorities;
  }

  static Trust of(BmcAccess access) {
    try {
      KeyStore store = null; // the system's own
      if (access.ca() != null) {
        store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int n = 0;
        for (Certificate one : certificates(access.ca())) {
          store.setCertificateEntry("ca-" + n++, one);
        }
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return new Trust(
          access.fingerprint(),
          Arrays.stream(factory.getTrustManagers())
              .filter(X509ExtendedTrustManager.class::isInstance)
              .map(X509ExtendedTrustManager.class::cast)
              .findFirst()
              .orElseThrow());
    } catch (GeneralSecurityException | IOException e) {
      throw new PowerException(PowerError.NOT_TRUSTED, "the authority's file: " + e, false, e);
    }
  }

  /// The certificates in PEM text, one at least.
  static Collection<? extends Certificate> certificates(String pem) throws CertificateException {
    Collection<? extends Certificate> found =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    if (found.isEmpty()) {
      throw new CertificateException("no certificate in it");
    }
    return found;
  }

  SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {this}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has TLS
    }
  }

  /// SHA-256 of the certificate that was shown last; empty where none was.
  String seen() {
    return seen;
  }

  private void server(X509Certificate[] chain, Check otherwise) throws CertificateException {
    if (chain.length == 0) {
      throw new CertificateException("no certificate");
    }
    seen = sha256(chain[0]);
    if (fingerprint == null) {
      otherwise.check();
    } else if (!MessageDigest.isEqual(
        fingerprint.getBytes(StandardCharsets.US_ASCII),
        seen.getBytes(StandardCharsets.US_ASCII))) {
      throw new CertificateException("its fingerprint is another one than " + fingerprint);
    }
  }

  private interface Check {
    void check() throws CertificateException;
  }

  static String sha256(Certificate certificate) throws CertificateException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has SHA-256
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    server(chain, () -> authorities.checkServerTrusted(chain, type, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    server(chain, () -> authorities.checkServerTrusted(chain, type, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    server(chain, () -> authorities.checkServerTrusted(chain, type));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("no client is served");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("no client is served");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("no client is served");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return authorities.getAcceptedIssuers();
  }
}
