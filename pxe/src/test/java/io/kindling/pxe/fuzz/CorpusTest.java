package io.kindling.pxe.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// What fuzzing has found worth keeping is read on every build.
class CorpusTest {

  @Test
  void noInputOfTheCorpusIsAnException() throws Exception {
    for (DecodersFuzzTest.Target target : DecodersFuzzTest.Target.values()) {
      Path corpus = target.corpus();
      var inputs = Mutator.read(corpus);
      assertThat(inputs).as(corpus.toString()).isNotEmpty();
      var read = target.target();
      inputs.forEach(input -> assertThat(read.apply(input)).isNotNull());
    }
  }
}
