package io.kindling.appliance.console;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.RenderResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The console's templates. Every value is HTML-escaped, none is ever evaluated, a missing one is a
/// failure. Thread-safe.
final class Templates {
  private static final int MAX_OUTPUT = 16 << 20;

  private final Jinjava jinjava;
  private final Map<String, String> sources = new ConcurrentHashMap<>();

  Templates() {
    jinjava =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withNestedInterpretationEnabled(false)
                .withFailOnUnknownTokens(true)
                .withMaxRenderDepth(8)
                .withMaxOutputSize(MAX_OUTPUT)
                .withEnableRecursiveMacroCalls(false)
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withDisabled(
                    Map.of(
                        Context.Library.TAG,
                        Set.of("do", "import", "from", "include", "extends", "macro", "call"),
                        Context.Library.FILTER,
                        Set.of("render")))
                .build());
    jinjava.setResourceLocator((name, encoding, interpreter) -> {
      throw new IOException("templates include nothing");
    });
  }

  /// @param values maps, lists, text, numbers and booleans only
  String render(String name, Map<String, Object> values) {
    String source = sources.computeIfAbsent(name, Templates::load);
    // Around the whole template, so that no value can be written without it.
    RenderResult result =
        jinjava.renderForResult("{% autoescape %}" + source + "{% endautoescape %}", values);
    if (!result.getErrors().isEmpty()) {
      throw new IllegalStateException(name + ": " + result.getErrors().getFirst().getMessage());
    }
    return result.getOutput();
  }

  static byte[] bytes(String name) {
    try (InputStream in = Templates.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + name + " is missing");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String load(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }
}
