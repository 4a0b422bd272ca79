package io.kindling.appliance.tls;

import io.kindling.appliance.net.Addresses;
import io.kindling.appliance.secret.KeyFile;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// The appliance's own certificate authority and the certificates it has made, in a folder of the
/// state: `ca.pem` is for operators' browsers, the keys are the owner's alone. Not thread-safe.
final class Authority {
  /// From the start before the end of it on, a new one is made.
  private static final Duration RENEWED_BEFORE = Duration.ofDays(90);

  /// Apple's systems take no longer ones, also of private authorities (HT210176).
  private static final Duration LEAF = Duration.ofDays(820);

  private static final Duration LIFETIME = Duration.ofDays(3650);
  private static final Duration CLOCKS_DIFFER = Duration.ofHours(1);

  private static final int RSA_BITS = 3072;

  /// What the holder of a certificate does with it.
  enum Use {
    SERVER,
    /// Serves others of its kind and asks them. GnuTLS, which libvirt and QEMU have, reads no
    /// elliptic key as Java writes it (RFC 5915 lets the public key be left out), and both insist
    /// on key encipherment: so this one is RSA's.
    PEER
  }

  private final Path folder;
  private final Use use;
  private final Clock clock;
  private final SecureRandom random;

  Authority(Path folder, Clock clock, SecureRandom random) {
    this(folder, Use.SERVER, clock, random);
  }

  Authority(Path folder, Use use, Clock clock, SecureRandom random) {
    this.folder = folder;
    this.use = use;
    this.clock = clock;
    this.random = random;
  }

  /// @param chain the certificate itself, then its issuers'
  record Identity(List<X509Certificate> chain, PrivateKey key) {
    Identity {
      chain = List.copyOf(chain);
    }
  }

  /// A certificate for those names; made where there is none that fits.
  ///
  /// @param of whose: `server` is the appliance itself
  /// @param names host names and IPv4 addresses
  Identity identity(String of, Set<String> names) throws IOException, GeneralSecurityException {
    Files.createDirectories(folder);
    Identity authority = kept("ca", LEAF);
    if (authority == null) {
      authority = make("ca", null, Set.of());
    }
    Identity own = kept(of, RENEWED_BEFORE);
    if (own == null
        || !names(own.chain().getFirst()).equals(new TreeSet<>(names))
        || !isIssued(own, authority)) {
      own = make(of, authority, names);
    }
    return new Identity(List.of(own.chain().getFirst(), authority.chain().getFirst()), own.key());
  }

  /// The next that asks for it gets a new one.
  void forget(String of) throws IOException {
    Files.deleteIfExists(folder.resolve(of + ".pem"));
  }

  /// The key of that certificate in PEM, as it lies there. One that was read and is written again
  /// has other bytes, by whichever provider of algorithms there is by then.
  String keyText(String of) throws IOException {
    return Files.readString(folder.resolve(of + ".key"), StandardCharsets.US_ASCII);
  }

  /// What lies there, where it stands that much longer.
  private @Nullable Identity kept(String name, Duration longer)
      throws IOException, GeneralSecurityException {
    Path certificate = folder.resolve(name + ".pem");
    Path key = folder.resolve(name + ".key");
    if (!Files.exists(certificate) || !Files.exists(key)) {
      return null;
    }
    var found = new Identity(Pem.certificates(certificate), Pem.key(key));
    Instant end = found.chain().getFirst().getNotAfter().toInstant();
    return end.isAfter(clock.instant().plus(longer)) ? found : null;
  }

  private static boolean isIssued(Identity own, Identity authority) {
    try {
      own.chain().getFirst().verify(authority.chain().getFirst().getPublicKey());
      return true;
    } catch (GeneralSecurityException anothers) {
      return false;
    }
  }

  private Identity make(String name, @Nullable Identity issuer, Set<String> names)
      throws IOException, GeneralSecurityException {
    KeyPair pair = pair(issuer != null && use == Use.PEER);
    X500Name subject = subject(issuer == null ? "Kindling authority" : "Kindling");
    X500Name by =
        issuer == null
            ? subject
            : X500Name.getInstance(
                issuer.chain().getFirst().getSubjectX500Principal().getEncoded());
    Instant now = clock.instant();
    var builder =
        new JcaX509v3CertificateBuilder(
            by,
            new BigInteger(127, random),
            Date.from(now.minus(CLOCKS_DIFFER)),
            Date.from(now.plus(issuer == null ? LIFETIME : LEAF)),
            subject,
            pair.getPublic());
    extend(builder, pair.getPublic(), issuer, names);
    X509Certificate certificate;
    try {
      var signer =
          new JcaContentSignerBuilder("SHA256withECDSA")
              .build(issuer == null ? pair.getPrivate() : issuer.key());
      certificate = new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
    KeyFile.write(
        folder.resolve(name + ".key"), Pem.text("PRIVATE KEY", pair.getPrivate().getEncoded()));
    KeyFile.write(folder.resolve(name + ".pem"), Pem.text("CERTIFICATE", certificate.getEncoded()));
    return new Identity(List.of(certificate), pair.getPrivate());
  }

  private KeyPair pair(boolean rsa) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(rsa ? "RSA" : "EC");
    if (rsa) {
      generator.initialize(RSA_BITS, random);
    } else {
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    }
    return generator.generateKeyPair();
  }

  /// Two appliances' authorities have different names, or browsers mix them up.
  private X500Name subject(String what) {
    byte[] bytes = new byte[4];
    random.nextBytes(bytes);
    return new X500NameBuilder()
        .addRDN(BCStyle.CN, what + " " + HexFormat.of().formatHex(bytes))
        .build();
  }

  private void extend(
      X509v3CertificateBuilder builder, PublicKey key, @Nullable Identity issuer, Set<String> names)
      throws IOException, GeneralSecurityException {
    var utils = new JcaX509ExtensionUtils();
    builder.addExtension(
        Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(key));
    if (issuer == null) {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      return;
    }
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        utils.createAuthorityKeyIdentifier(issuer.chain().getFirst()));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    var purposes = new ArrayList<>(List.of(KeyPurposeId.id_kp_serverAuth));
    switch (use) {
      case SERVER ->
          builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      case PEER -> {
        builder.addExtension(
            Extension.keyUsage,
            true,
            new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
        purposes.add(KeyPurposeId.id_kp_clientAuth);
      }
    }
    builder.addExtension(
        Extension.extendedKeyUsage,
        false,
        new ExtendedKeyUsage(purposes.toArray(KeyPurposeId[]::new)));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            names.stream()
                .sorted()
                .map(n ->
                    new GeneralName(isAddress(n) ? GeneralName.iPAddress : GeneralName.dNSName, n))
                .toArray(GeneralName[]::new)));
  }

  private static boolean isAddress(String name) {
    return Addresses.parse(name).isPresent();
  }

  private static Set<String> names(X509Certificate certificate) throws GeneralSecurityException {
    var names = new TreeSet<String>();
    var all = certificate.getSubjectAlternativeNames();
    if (all != null) {
      all.forEach(one -> names.add(String.valueOf(one.get(1))));
    }
    return names;
  }
}
