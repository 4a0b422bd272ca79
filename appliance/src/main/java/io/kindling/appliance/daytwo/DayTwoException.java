package io.kindling.appliance.daytwo;

import io.kindling.postinstall.daytwo.DayTwoError;
import io.kindling.postinstall.engine.Finding;

/// A request that is refused, or that cannot be decided.
public final class DayTwoException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final transient Finding finding;

  DayTwoException(DayTwoError error, String seen) {
    this(Finding.of(error, seen));
  }

  DayTwoException(Finding finding) {
    super(finding.text());
    this.finding = finding;
  }

  public Finding finding() {
    return finding;
  }
}
