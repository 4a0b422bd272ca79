package io.kindling.pxe.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What fuzzing has found worth keeping is read on every build.
class CorpusTest {

  @ParameterizedTest
  @EnumSource
  void noInputOfTheCorpusIsAnException(Target target) throws Exception {
    var inputs = Corpus.of(target).inputs();
    assertThat(inputs).isNotEmpty();
    Consumer<byte[]> server = target.start();
    for (byte[] input : inputs) {
      assertThatCode(() -> server.accept(input))
          .as(HexFormat.of().formatHex(input))
          .doesNotThrowAnyException();
    }
  }
}
