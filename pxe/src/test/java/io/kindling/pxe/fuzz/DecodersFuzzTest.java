package io.kindling.pxe.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whole servers against what Jazzer thinks of, led by the branches that an input takes: nothing
/// may throw. `-Dkindling.fuzz.seconds=N` for each server (30), `-Dkindling.fuzz.keep=true` to keep
/// the inputs that led somewhere new.
@Tag("full")
class DecodersFuzzTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void noInputIsAnException(Target target) throws Exception {
    long seconds = Long.getLong("kindling.fuzz.seconds", 30);
    Path inputs = Files.createDirectory(folder.resolve("inputs"));
    Corpus.of(target).unpack(inputs);
    Path log = folder.resolve("jazzer.log");
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+EnableDynamicAgentLoading",
            "-Dorg.jboss.logging.provider=slf4j",
            "-Dkindling.fuzz.target=" + target,
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + Fuzzing.class.getName(),
            "--instrumentation_includes=io.kindling.**:io.undertow.**",
            // The HTTP target connects to its own server.
            "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.ServerSideRequestForgery",
            "--reproducer_path=" + folder,
            "-artifact_prefix=" + folder + "/found-",
            "-max_len=2048",
            "-timeout=30",
            "-max_total_time=" + seconds,
            inputs.toString());
    int exit =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    String said = Files.readString(log, StandardCharsets.ISO_8859_1);
    assertThat(exit).as(said).isZero();
    System.out.println(target + ": " + said.lines().filter(l -> l.startsWith("Done ")).toList());
    System.out.println(said.lines().filter(l -> l.startsWith("#")).toList().getLast());
    assertThat(said).containsPattern("Done [1-9][0-9]* runs");
    if (Boolean.getBoolean("kindling.fuzz.keep")) {
      Corpus.of(target).keep(inputs);
    }
  }
}
