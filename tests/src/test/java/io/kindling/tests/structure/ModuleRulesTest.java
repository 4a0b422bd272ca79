package io.kindling.tests.structure;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Who may know whom (ARCHITECTURE.md, "The modules").
final class ModuleRulesTest {

  private static final Map<String, List<String>> MAY_USE =
      Map.of(
          "pxe", List.of(),
          "inventory", List.of(),
          "ksgen", List.of("inventory"),
          "postinstall", List.of("inventory", "ksgen"),
          "isobuild", List.of("inventory"),
          "appliance", List.of("pxe", "inventory", "ksgen", "postinstall", "isobuild"),
          "tests", List.of("pxe", "inventory", "ksgen", "postinstall", "isobuild", "appliance"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.kindling");

  @Test
  void aModuleUsesOnlyThoseAboveIt() {
    MAY_USE.forEach((module, allowed) -> {
      String[] forbidden =
          MAY_USE.keySet().stream()
              .filter(other -> !other.equals(module) && !allowed.contains(other))
              .map(other -> "io.kindling." + other + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("io.kindling." + module + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(forbidden)
          .check(CLASSES);
    });
  }

  @Test
  void internalPackagesAreUsedByTheirOwnModuleOnly() {
    classes()
        .that()
        .resideInAPackage("io.kindling..")
        .should(
            new ArchCondition<JavaClass>("use no other module's internal package") {
              @Override
              public void check(JavaClass item, ConditionEvents events) {
                item.getDirectDependenciesFromSelf()
                    .forEach(dependency -> {
                      String target = dependency.getTargetClass().getPackageName();
                      if (target.contains(".internal")
                          && !module(target).equals(module(item.getPackageName()))) {
                        events.add(
                            SimpleConditionEvent.violated(item, dependency.getDescription()));
                      }
                    });
              }
            })
        .check(CLASSES);
  }

  @Test
  void packagesOfAModuleFormNoCycleAcrossModules() {
    slices().matching("io.kindling.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void kickstartGenDoesNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAPackage("io.kindling.ksgen..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.nio.file..", "java.net..", "java.sql..")
        .check(CLASSES);
  }

  /// Every deserialization hole MINA has had lies there.
  @Test
  void minasObjectSerializationIsNeverUsed() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.mina.filter.codec.serialization..")
        .check(CLASSES);
    noClasses()
        .should()
        .callMethodWhere(
            new DescribedPredicate<>("IoBuffer.getObject or putObject") {
              @Override
              public boolean test(com.tngtech.archunit.core.domain.JavaMethodCall call) {
                return call.getTargetOwner()
                        .getName()
                        .equals("org.apache.mina.core.buffer.IoBuffer")
                    && call.getName().endsWith("Object");
              }
            })
        .check(CLASSES);
  }

  private static String module(String packageName) {
    Matcher matcher = Pattern.compile("io\\.kindling\\.(\\w+).*").matcher(packageName);
    return matcher.matches() ? matcher.group(1) : packageName;
  }
}
