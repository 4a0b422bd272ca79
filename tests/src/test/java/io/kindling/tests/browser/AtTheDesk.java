package io.kindling.tests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.kindling.tests.browser.Desk.Look;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// One appliance and one browser for the tests of a class, which follow each other; after each of
/// them the browser must have had nothing to complain of.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class AtTheDesk {
  private final String rack;
  Desk desk;
  Page page;

  /// @param rack the name of the class's own
  AtTheDesk(String rack) {
    this.rack = rack;
  }

  @BeforeAll
  final void open() {
    desk = Desk.alone(rack);
    page = desk.page(Look.LIGHT);
  }

  @AfterAll
  final void close() {
    if (desk != null) {
      desk.close();
    }
  }

  @AfterEach
  final void theBrowserHadNothingToComplainOf() {
    assertThat(desk.complaints()).isEmpty();
  }
}
