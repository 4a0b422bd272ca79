package io.kindling.pxe;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.dhcp.wire.Ipv4;
import java.net.Inet4Address;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What every lease store does; implementations extend this.
public abstract class LeaseStoreContract {
  private static final Inet4Address FIRST = Ipv4.parse("10.20.0.100");
  private static final Inet4Address SECOND = Ipv4.parse("10.20.0.101");
  private static final HardwareAddress A = new HardwareAddress("52:54:00:00:00:01");
  private static final HardwareAddress B = new HardwareAddress("52:54:00:00:00:02");
  private static final Instant END = Instant.parse("2026-11-01T12:00:00Z");

  /// An empty store.
  protected abstract LeaseStore create();

  @Test
  void startsEmpty() {
    assertThat(create().all()).isEmpty();
  }

  @Test
  void givesBackWhatWasCommitted() {
    LeaseStore store = create();
    Lease lease = new Lease(A, FIRST, END, false);
    Lease declined = new Lease(B, SECOND, END, true);
    store.commit(List.of(lease, declined), List.of());
    assertThat(store.all()).containsExactlyInAnyOrder(lease, declined);
  }

  @Test
  void aLeaseReplacesTheOneOfTheSameAddress() {
    LeaseStore store = create();
    store.commit(List.of(new Lease(A, FIRST, END, false)), List.of());
    Lease next = new Lease(B, FIRST, END.plusSeconds(60), false);
    store.commit(List.of(next), List.of());
    assertThat(store.all()).containsExactly(next);
  }

  @Test
  void aMachineMayMoveToAnotherAddressInOneCommit() {
    LeaseStore store = create();
    store.commit(List.of(new Lease(A, FIRST, END, false)), List.of());
    Lease moved = new Lease(A, SECOND, END, false);
    store.commit(List.of(moved), List.of(FIRST));
    assertThat(store.all()).containsExactly(moved);
  }

  @Test
  void aMachineMayHaveALeaseAndADeclinedAddress() {
    LeaseStore store = create();
    Lease declined = new Lease(A, FIRST, END, true);
    Lease lease = new Lease(A, SECOND, END, false);
    store.commit(List.of(declined), List.of());
    store.commit(List.of(lease), List.of());
    assertThat(store.all()).containsExactlyInAnyOrder(declined, lease);
  }

  @Test
  void droppingAnUnknownAddressIsNoError() {
    LeaseStore store = create();
    store.commit(List.of(), List.of(FIRST));
    assertThat(store.all()).isEmpty();
  }
}
