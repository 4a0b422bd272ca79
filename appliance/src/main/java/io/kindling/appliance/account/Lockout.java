package io.kindling.appliance.account;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Counts failed attempts, of an account from an address and of an address at all, and makes the
/// next wait longer and longer. Forgets with the appliance's end. Thread-safe.
///
/// An account is never locked for everybody: that would let anybody lock it.
public final class Lockout {
  /// Failures of one account from one address that cost nothing yet.
  static final int OF_ACCOUNT = 5;

  /// Failures from one address, whatever the account.
  static final int OF_ADDRESS = 30;

  static final Duration FIRST = Duration.ofSeconds(15);
  static final Duration LONGEST = Duration.ofMinutes(15);
  private static final Duration FORGOTTEN = Duration.ofHours(1);
  private static final int KEPT = 20_000;

  private final Clock clock;
  private final Map<Key, Failures> failures =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Failures> eldest) {
          return size() > KEPT;
        }
      };

  /// @param account empty for the address at all
  private record Key(String account, String address) {}

  private record Failures(int count, Instant last) {}

  public Lockout(Clock clock) {
    this.clock = clock;
  }

  /// Counts the attempt as failed until [#succeeded] takes that back, so that many at once gain
  /// nothing.
  ///
  /// @throws io.kindling.appliance.http.Problem where it is too early
  synchronized void begin(String account, String address) {
    String shortened = account.length() > 64 ? account.substring(0, 64) : account;
    Duration wait = left(new Key(shortened, address), OF_ACCOUNT);
    Duration all = left(new Key("", address), OF_ADDRESS);
    Duration longer = wait.compareTo(all) > 0 ? wait : all;
    if (longer.isPositive()) {
      throw AccountError.LOCKED_OUT.problem("try again in " + (longer.toSeconds() + 1) + " s");
    }
    count(new Key(shortened, address), 1);
    count(new Key("", address), 1);
  }

  synchronized void succeeded(String account, String address) {
    failures.remove(new Key(account, address));
    count(new Key("", address), -1);
  }

  private Duration left(Key key, int free) {
    Failures f = failures.get(key);
    if (f == null || f.count() < free) {
      return Duration.ZERO;
    }
    int doublings = Math.min(f.count() - free, 20);
    Duration wait = FIRST.multipliedBy(1L << doublings);
    Duration bounded = wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    return Duration.between(clock.instant(), f.last().plus(bounded));
  }

  private void count(Key key, int more) {
    Instant now = clock.instant();
    Failures f = failures.get(key);
    int before = f == null || f.last().plus(FORGOTTEN).isBefore(now) ? 0 : f.count();
    int after = Math.max(0, before + more);
    if (after == 0) {
      failures.remove(key);
    } else {
      failures.put(key, new Failures(after, more > 0 || f == null ? now : f.last()));
    }
  }
}
