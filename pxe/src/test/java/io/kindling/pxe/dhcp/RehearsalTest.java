package io.kindling.pxe.dhcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import org.junit.jupiter.api.Test;

class RehearsalTest {

  @Test
  void everyExchangeGetsAnOfferAndAnAck() throws InterruptedException {
    assertThat(Rehearsal.run(200, Clock.systemUTC())).isEqualTo(400);
  }
}
