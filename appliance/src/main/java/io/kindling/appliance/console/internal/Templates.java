package io.kindling.appliance.console.internal;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.loader.ResourceLocator;
import com.hubspot.jinjava.loader.ResourceNotFoundException;
import io.kindling.appliance.console.Visible;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The console's pages: Jinjava, caged. Thread-safe.
///
/// A variable that is unset is a failure, values are never read as templates, only the named
/// resources can be included, and every value passes the filter `t` (a test reads the templates for
/// that). Only maps, lists, strings, numbers and booleans go in.
public final class Templates {

  /// All there are.
  public static final List<String> NAMES =
      List.of(
          "layout.html",
          "index.html",
          "nodes.html",
          "events.html",
          "node.html",
          "node-live.html",
          "networks.html",
          "cluster-steps.html",
          "cluster-notes.html",
          "cluster-filter.html",
          "cluster-paging.html",
          "cluster.html",
          "roles.html",
          "roles-live.html",
          "disks.html",
          "disks-live.html",
          "node-disks.html",
          "node-disks-live.html",
          "review.html",
          "review-live.html",
          "settings.html",
          "labels.html",
          "deploy.html",
          "deploy-live.html",
          "health.html",
          "operation.html",
          "node-actions.html",
          "bmc-fields.html",
          "login.html",
          "welcome.html",
          "accounts.html",
          "audit.html",
          "problem.html");

  private static final int MAX_OUTPUT_BYTES = 32 << 20;
  private static final int MAX_DEPTH = 10;
  private static final int MAX_LIST = 20_000;

  private final Jinjava jinjava;
  private final Map<String, String> sources;

  public Templates() {
    var read = new LinkedHashMap<String, String>();
    for (String name : NAMES) {
      read.put(name, source(name));
    }
    sources = Map.copyOf(read);
    jinjava =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withCharset(StandardCharsets.UTF_8)
                .withFailOnUnknownTokens(true)
                .withNestedInterpretationEnabled(false)
                .withEnableRecursiveMacroCalls(false)
                .withMaxRenderDepth(MAX_DEPTH)
                .withMaxOutputSize(MAX_OUTPUT_BYTES)
                .withMaxListSize(MAX_LIST)
                .withMaxMapSize(MAX_LIST)
                .withTrimBlocks(true)
                // Not lstripBlocks: it also takes the blanks between words before a tag.
                .withDisabled(
                    Map.of(Library.TAG, Set.of("do", "import", "from", "set", "macro", "call")))
                .build());
    jinjava.setResourceLocator(new Fixed(sources));
    jinjava.registerFilter(new TextFilter());
  }

  /// Renders a page or a part of one.
  ///
  /// @throws IllegalStateException where the template or what it is given has a fault
  public String render(String name, Map<String, ?> values) {
    String source = sources.get(name);
    if (source == null) {
      throw new IllegalArgumentException("no template " + name);
    }
    RenderResult result = jinjava.renderForResult(source, values);
    if (!result.getErrors().isEmpty()) {
      throw new IllegalStateException(
          "template " + name + ": " + result.getErrors().getFirst().getMessage());
    }
    return result.getOutput();
  }

  private static String source(String name) {
    try (InputStream in =
        Templates.class.getResourceAsStream("/io/kindling/appliance/console/templates/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the template " + name + " is not in the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Text for HTML, in an element or in a quoted attribute.
  static String html(String text) {
    var safe = new StringBuilder(text.length() + 16);
    String visible = Visible.lines(text);
    for (int i = 0; i < visible.length(); i++) {
      char c = visible.charAt(i);
      switch (c) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        case '\'' -> safe.append("&#39;");
        case '`' -> safe.append("&#96;");
        default -> safe.append(c);
      }
    }
    return safe.toString();
  }

  private static final class TextFilter implements Filter {
    @Override
    public String getName() {
      return "t";
    }

    @Override
    public Object filter(
        @Nullable Object value, JinjavaInterpreter interpreter, String... arguments) {
      if (value == null) {
        throw new IllegalArgumentException("a value is not set");
      }
      return html(value.toString());
    }
  }

  private record Fixed(Map<String, String> sources) implements ResourceLocator {
    @Override
    public String getString(String name, Charset encoding, JinjavaInterpreter interpreter)
        throws IOException {
      String source = sources.get(name);
      if (source == null) {
        throw new ResourceNotFoundException("no template " + name);
      }
      return source;
    }
  }
}
