package io.kindling.tests.structure;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What the documentation promises about the code.
final class DocumentationTest {

  private static final Pattern ERROR_ID =
      Pattern.compile("\\b(PXE|INV|KSG|INS|ENG|CEPH|CHK|NET|ISO|APP|DAY|RCK|RUN)-\\d{3}\\b");

  @Test
  void everyErrorIdHasItsEntryInTroubleshooting() throws Exception {
    var used = new TreeSet<String>(catalogued());
    for (String suffix : new String[] {".sh", ".jinja"}) {
      for (Path file : Repository.sources(suffix)) {
        if (!file.toString().contains("/src/test/")) {
          collect(Files.readString(file), used);
        }
      }
    }
    collect(Files.readString(Repository.root().resolve("kindling")), used);
    var documented = new TreeSet<String>();
    Matcher headings =
        Pattern.compile("(?m)^### (\\S+)")
            .matcher(Files.readString(Repository.root().resolve("docs/troubleshooting.md")));
    while (headings.find()) {
      documented.add(headings.group(1));
    }
    assertThat(used).isNotEmpty();
    assertThat(documented).containsAll(used);
    assertThat(used).as("documented but never raised").containsAll(documented);
  }

  @Test
  void everyLinkBetweenDocumentsLeadsSomewhere() throws Exception {
    var broken = new TreeSet<String>();
    try (var files = Files.walk(Repository.root().resolve("docs"))) {
      var documents =
          new java.util.ArrayList<>(files.filter(f -> f.toString().endsWith(".md")).toList());
      documents.add(Repository.root().resolve("README.md"));
      documents.add(Repository.root().resolve("ARCHITECTURE.md"));
      for (Path document : documents) {
        Matcher links =
            Pattern.compile("\\]\\((?!https?:|#)([^)#]+)(#[^)]*)?\\)")
                .matcher(Files.readString(document));
        while (links.find()) {
          Path parent = document.getParent();
          if (parent == null || !Files.exists(parent.resolve(links.group(1)))) {
            broken.add(Repository.root().relativize(document) + " → " + links.group(1));
          }
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  /// The ids of every module's catalogue: the enums named `…Error` with a cure.
  private static TreeSet<String> catalogued() throws ReflectiveOperationException {
    var ids = new TreeSet<String>();
    for (JavaClass found :
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.kindling")) {
      // Not TFTP's own codes (RFC 1350), which are an enum too.
      if (found.isEnum()
          && found.getSimpleName().endsWith("Error")
          && found.getAllMethods().stream().anyMatch(m -> m.getName().equals("cure"))) {
        Class<?> type = found.reflect();
        Method id = id(type);
        id.setAccessible(true);
        for (Object constant : type.getEnumConstants()) {
          ids.add((String) id.invoke(constant));
        }
      }
    }
    return ids;
  }

  /// Its own, or its interface's.
  private static Method id(Class<?> type) throws NoSuchMethodException {
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals("id")) {
        return method;
      }
    }
    return type.getMethod("id");
  }

  private static void collect(String text, TreeSet<String> into) {
    Matcher ids = ERROR_ID.matcher(text);
    while (ids.find()) {
      into.add(ids.group());
    }
  }
}
