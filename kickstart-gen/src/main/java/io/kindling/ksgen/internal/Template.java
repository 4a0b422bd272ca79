package io.kindling.ksgen.internal;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.lib.filter.Filter;
import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// A template of this module's resources, in a cage: unknown names are errors, values are never
/// read as templates, nothing can be included. Immutable; safe from any thread.
public final class Template {

  private static final long MAX_OUTPUT = 64L << 20;

  private final String name;
  private final String text;
  private final Jinjava jinjava;

  private Template(String name, String text) {
    this.name = name;
    this.text = text;
    this.jinjava =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withFailOnUnknownTokens(true)
                .withNestedInterpretationEnabled(false)
                .withMaxRenderDepth(8)
                .withMaxOutputSize(MAX_OUTPUT)
                .withEnableRecursiveMacroCalls(false)
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withDisabled(
                    Map.of(
                        Library.TAG,
                        Set.of("do", "import", "from", "include", "extends", "macro", "call"),
                        Library.FILTER,
                        Set.of("render")))
                .build());
    jinjava.setResourceLocator((path, encoding, interpreter) -> {
      throw new IOException("templates include nothing");
    });
    jinjava.getGlobalContext().registerFilter(new ShellQuote());
    jinjava.getGlobalContext().registerFilter(new ShellQuotes());
    jinjava.getGlobalContext().registerFilter(new Comment());
    KickstartFilters.all().forEach(jinjava.getGlobalContext()::registerFilter);
  }

  public static Template of(String name) {
    return new Template(name, resource(name));
  }

  /// The text of one of this module's resources.
  public static String resource(String name) {
    try (InputStream in = Template.class.getResourceAsStream("/io/kindling/ksgen/" + name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is not in the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @param values maps, lists, text and numbers only
  public String render(Map<String, Object> values) {
    RenderResult result = jinjava.renderForResult(text, values);
    if (!result.getErrors().isEmpty()) {
      var first = result.getErrors().getFirst();
      if (first.getException() != null
          && first.getException().getCause() instanceof LayoutException e) {
        throw e;
      }
      throw new LayoutException(
          LayoutError.BAD_VALUE, name + " line " + first.getLineno() + ": " + first.getMessage());
    }
    return result.getOutput();
  }

  /// One word of a POSIX shell, whatever the text holds.
  static final class ShellQuote implements Filter {
    @Override
    public String getName() {
      return "shq";
    }

    @Override
    public Object filter(@Nullable Object value, JinjavaInterpreter interpreter, String... args) {
      String text = String.valueOf(value);
      if (value == null || text.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("a shell word cannot be absent or hold NUL");
      }
      return "'" + text.replace("'", "'\\''") + "'";
    }
  }

  /// Each of a list as one word of a POSIX shell.
  static final class ShellQuotes implements Filter {
    private static final ShellQuote EACH = new ShellQuote();

    @Override
    public String getName() {
      return "shqs";
    }

    @Override
    public Object filter(@Nullable Object value, JinjavaInterpreter interpreter, String... args) {
      if (!(value instanceof Iterable<?> words)) {
        throw new IllegalArgumentException("words come as a list");
      }
      var quoted = new StringJoiner(" ");
      for (Object word : words) {
        quoted.add(EACH.filter(word, interpreter).toString());
      }
      return quoted.toString();
    }
  }

  /// Text of a comment: letters, digits and dashes only.
  static final class Comment implements Filter {
    @Override
    public String getName() {
      return "comment";
    }

    @Override
    public Object filter(@Nullable Object value, JinjavaInterpreter interpreter, String... args) {
      return String.valueOf(value).replaceAll("[^A-Za-z0-9-]", "?");
    }
  }
}
