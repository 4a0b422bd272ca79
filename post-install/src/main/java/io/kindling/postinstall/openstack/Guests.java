package io.kindling.postinstall.openstack;

import io.kindling.postinstall.engine.Host;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where guests run, and what is there for them alone. Immutable; holds secrets.
///
/// @param computes at least one
/// @param virtualization libvirt's: `kvm`, or `qemu` where the processors have none to offer
/// @param diskKey the cephx key of `client.nova`; null where guests' own disks lie on their hosts
/// @param authority the certificate (PEM) of who vouches for computes among each other, and for
///   nobody else: libvirt lets in whoever has a certificate of it
public record Guests(
    List<Compute> computes, String virtualization, @Nullable String diskKey, String authority) {

  /// The pool of guests' own disks is written by that cephx user.
  public static final String DISKS_USER = "client.nova";

  public Guests {
    computes = List.copyOf(computes);
    if (computes.isEmpty()) {
      throw new IllegalArgumentException("guests without a compute");
    }
  }

  /// A host that guests run on.
  ///
  /// @param tunnel its address between computes, for what guests say to each other
  /// @param certificate by the authority, for its name and address (PEM)
  /// @param key of that certificate (PEM)
  public record Compute(Host host, String tunnel, String certificate, String key) {
    String name() {
      return host.name();
    }

    String address() {
      return host.address();
    }

    /// Keeps the key out of logs.
    @Override
    public String toString() {
      return "Compute[" + host.name() + "]";
    }
  }

  List<String> names() {
    return computes.stream().map(Compute::name).toList();
  }

  boolean on(Host host) {
    return names().contains(host.name());
  }

  /// Under which libvirt keeps that cephx user's key; the same on every host, or a guest could not
  /// move.
  static UUID secretOf(String entity) {
    return UUID.nameUUIDFromBytes(("libvirt " + entity).getBytes(StandardCharsets.UTF_8));
  }

  /// Keeps the keys out of logs.
  @Override
  public String toString() {
    return "Guests" + names();
  }
}
