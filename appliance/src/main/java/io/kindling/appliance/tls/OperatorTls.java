package io.kindling.appliance.tls;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.config.Listen;
import io.kindling.appliance.net.Addresses;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// What the operators' listener shows to browsers.
///
/// @param fingerprint SHA-256 of its certificate, as browsers show it
public record OperatorTls(SSLContext context, String fingerprint) {

  /// The folder of the authority in the state directory.
  public static final String FOLDER = "tls";

  /// Reads the operator's files, or makes what is needed.
  ///
  /// @throws ApplianceException where files cannot be used
  public static OperatorTls open(
      Listen.Tls tls, Listen listen, Path state, Clock clock, SecureRandom random) {
    try {
      return switch (tls) {
        case Listen.OwnAuthority() -> {
          var authority = new Authority(state.resolve(FOLDER), clock, random);
          var own = authority.identity("server", names(listen));
          yield of(own.chain(), own.key());
        }
        case Listen.Files(Path certificate, Path key) -> given(certificate, key);
      };
    } catch (IOException | GeneralSecurityException e) {
      throw new ApplianceException(ApplianceError.TLS, tls + ": " + e.getMessage(), e);
    }
  }

  private static OperatorTls given(Path certificate, Path keyFile) {
    List<X509Certificate> chain;
    try {
      chain = Pem.certificates(certificate);
    } catch (IOException | GeneralSecurityException e) {
      throw new ApplianceException(ApplianceError.TLS, certificate + ": " + why(e), e);
    }
    try {
      PrivateKey key = Pem.key(keyFile);
      requirePair(chain.getFirst(), key);
      return of(chain, key);
    } catch (IOException | GeneralSecurityException e) {
      throw new ApplianceException(ApplianceError.TLS, keyFile + ": " + why(e), e);
    }
  }

  /// A file's error says its path alone.
  private static String why(Exception e) {
    return e instanceof FileSystemException ? "it cannot be read" : String.valueOf(e.getMessage());
  }

  /// Signs something with the one and verifies it with the other.
  private static void requirePair(X509Certificate certificate, PrivateKey key)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC", "ECDSA" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    Signature signature = Signature.getInstance(algorithm);
    byte[] text = {1, 2, 3};
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    boolean pair;
    try {
      signature.initVerify(certificate);
      signature.update(text);
      pair = signature.verify(signed);
    } catch (GeneralSecurityException otherKind) {
      pair = false;
    }
    if (!pair) {
      throw new GeneralSecurityException("it is not the certificate's key");
    }
  }

  private static OperatorTls of(List<X509Certificate> chain, PrivateKey key)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("operators", key, new char[0], chain.toArray(new Certificate[0]));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(chain.getFirst().getEncoded());
    return new OperatorTls(context, HexFormat.ofDelimiter(":").withUpperCase().formatHex(hash));
  }

  /// Whatever an operator may call this listener by.
  private static Set<String> names(Listen listen) throws IOException {
    var names = new TreeSet<String>(listen.names());
    names.add("localhost");
    InetSocketAddress bound = listen.operators();
    if (!bound.getAddress().isAnyLocalAddress()) {
      names.add(bound.getAddress().getHostAddress());
      return names;
    }
    for (NetworkInterface nic : NetworkInterface.networkInterfaces().toList()) {
      nic.inetAddresses()
          .filter(Inet4Address.class::isInstance)
          .forEach(address -> names.add(Addresses.text((Inet4Address) address)));
    }
    return names;
  }
}
