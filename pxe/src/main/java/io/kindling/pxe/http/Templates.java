package io.kindling.pxe.http;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.lib.filter.Filter;
import io.kindling.pxe.PxeError;
import io.kindling.pxe.PxeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The boot scripts' templates. Values meet a script only through `|arg`, which lets nothing pass
/// that iPXE or GRUB would interpret; any fault while rendering is a failure. Thread-safe.
final class Templates {
  /// Neither iPXE nor GRUB has a quoting that the other understands, so what would need quoting is
  /// refused.
  static final Pattern SAFE_ARGUMENT = Pattern.compile("[A-Za-z0-9_.,:/=@%+\\[\\]?-]+");

  private static final int MAX_OUTPUT = 64 << 10;

  private final Jinjava jinjava;
  private final Map<String, String> sources = new ConcurrentHashMap<>();

  Templates() {
    jinjava =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withFailOnUnknownTokens(true)
                .withNestedInterpretationEnabled(false)
                .withMaxRenderDepth(8)
                .withMaxOutputSize(MAX_OUTPUT)
                .withMaxStringLength(MAX_OUTPUT)
                .withMaxListSize(256)
                .withMaxMapSize(64)
                .withRangeLimit(64)
                .withEnableRecursiveMacroCalls(false)
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withDisabled(
                    Map.of(
                        Context.Library.TAG,
                        Set.of("do", "import", "from", "include", "extends"),
                        Context.Library.FILTER,
                        Set.of("render")))
                .build());
    jinjava.setResourceLocator((name, encoding, interpreter) -> {
      throw new IOException("templates load nothing: " + name);
    });
    jinjava.registerFilter(new ArgumentFilter());
  }

  /// @param name a resource beside this class
  String render(String name, Map<String, ?> values) {
    String source = sources.computeIfAbsent(name, Templates::load);
    RenderResult result = jinjava.renderForResult(source, values);
    if (result.hasErrors()) {
      List<String> faults = result.getErrors().stream().map(e -> e.getMessage()).toList();
      throw new PxeException(PxeError.SCRIPT_FAILED, name + ": " + faults + ".");
    }
    return result.getOutput();
  }

  private static String load(String name) {
    try (InputStream in = Templates.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new PxeException(PxeError.SCRIPT_FAILED, "no template " + name + ".");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new PxeException(PxeError.SCRIPT_FAILED, "template " + name + ".", e);
    }
  }

  private static final class ArgumentFilter implements Filter {
    @Override
    public String getName() {
      return "arg";
    }

    @Override
    public Object filter(
        @Nullable Object value, JinjavaInterpreter interpreter, String... arguments) {
      String text = String.valueOf(value);
      if (value == null || !SAFE_ARGUMENT.matcher(text).matches()) {
        throw new InterpretException("not safe in a boot script: " + text);
      }
      return text;
    }
  }
}
