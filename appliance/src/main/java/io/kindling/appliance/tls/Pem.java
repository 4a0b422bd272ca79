package io.kindling.appliance.tls;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/// Certificates and keys in PEM files (RFC 7468).
final class Pem {

  private Pem() {}

  /// The certificates of a file, in its order.
  static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    var found = new ArrayList<X509Certificate>();
    for (Object one : objects(file)) {
      if (one instanceof X509CertificateHolder holder) {
        found.add(new JcaX509CertificateConverter().getCertificate(holder));
      }
    }
    if (found.isEmpty()) {
      throw new IOException("there is no certificate in it");
    }
    return found;
  }

  /// The key of a file: PKCS#8, or the older forms that openssl writes.
  static PrivateKey key(Path file) throws IOException {
    for (Object one : objects(file)) {
      if (one instanceof PrivateKeyInfo info) {
        return new JcaPEMKeyConverter().getPrivateKey(info);
      }
      if (one instanceof PEMKeyPair pair) {
        return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
      }
    }
    throw new IOException("there is no key in it that is not encrypted");
  }

  private static List<Object> objects(Path file) throws IOException {
    var all = new ArrayList<Object>();
    try (var parser =
        new PEMParser(new StringReader(Files.readString(file, StandardCharsets.US_ASCII)))) {
      for (Object one = parser.readObject(); one != null; one = parser.readObject()) {
        all.add(one);
      }
    } catch (RuntimeException e) {
      throw new IOException(e.toString(), e); // the parser's own on what is no ASN.1
    }
    return all;
  }

  static byte[] text(String kind, byte[] content) {
    String base64 =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
    return ("-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, base64, kind))
        .getBytes(StandardCharsets.US_ASCII);
  }
}
