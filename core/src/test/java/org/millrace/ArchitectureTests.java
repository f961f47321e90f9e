package org.millrace;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.platform.commons.annotation.Testable;

/**
 * The rules that the packages of this module keep. A package that does not exist yet keeps them.
 */
final class ArchitectureTests {
  private static final String ROOT = "org.millrace.";

  /** The packages from the lowest to the highest; those of one row may use each other. */
  private static final List<List<String>> ORDER =
      List.of(
          List.of("tensor"),
          List.of("kernel"),
          List.of("device"),
          List.of("codegen"),
          List.of("op"),
          List.of("graph"),
          List.of("catalog"),
          List.of("gradient"),
          List.of("plan"),
          List.of("session"),
          List.of("ops"),
          List.of("train", "nn", "data", "io"));

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(new ImportOption.DoNotIncludeJars())
          .importPackages("org.millrace");

  private static final JavaClasses TESTS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.OnlyIncludeTests())
          .withImportOption(new ImportOption.DoNotIncludeJars())
          .importPackages("org.millrace");

  @Test
  void thereAreClassesToLookAt() {
    assertFalse(MAIN.isEmpty());
    assertFalse(TESTS.isEmpty());
  }

  @TestFactory
  Stream<DynamicTest> aPackageUsesOnlyLowerPackages() {
    return IntStream.range(0, ORDER.size() - 1)
        .mapToObj(
            level ->
                dynamicTest(
                    String.join(", ", ORDER.get(level)),
                    () ->
                        noClasses()
                            .that()
                            .resideInAnyPackage(patterns(ORDER.subList(level, level + 1)))
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(patterns(ORDER.subList(level + 1, ORDER.size())))
                            .allowEmptyShould(true)
                            .check(MAIN)));
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    classes()
        .should()
        .resideInAnyPackage(patterns(ORDER))
        .as("every class should be in a package of ArchitectureTests.ORDER")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices()
        .matching("org.millrace.(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void nothingButTheJdkIsUsed() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.millrace..")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void nothingIsWrittenToStandardOutput() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(ROOT + "catalog.Printing") // PrintV2 has a stream for it
        .should()
        .accessField(System.class, "out")
        .because("a library's output is its caller's business")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void staticFieldsAreFinal() {
    fields()
        .that()
        .areStatic()
        .should()
        .beFinal()
        .because("state belongs to a graph or a session")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void namesSayWhatAClassIs() {
    classes()
        .should()
        .haveNameNotMatching(".*(Impl|Utils?|Manager|Helper|Base)")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void testClassesEndInTests() {
    classes()
        .that(holdTests())
        .should()
        .haveSimpleNameEndingWith("Tests")
        .because("Surefire runs no others")
        .check(TESTS);
  }

  /** A test kit is abstract, and its subclasses hold its tests; a nested class has an outer one. */
  private static DescribedPredicate<JavaClass> holdTests() {
    return describe(
        "can be run and hold tests",
        type ->
            type.isTopLevelClass()
                && !type.getModifiers().contains(JavaModifier.ABSTRACT)
                && type.getAllMethods().stream()
                    .anyMatch(method -> method.isMetaAnnotatedWith(Testable.class)));
  }

  private static String[] patterns(List<List<String>> rows) {
    return rows.stream()
        .flatMap(List::stream)
        .map(name -> ROOT + name + "..")
        .toArray(String[]::new);
  }
}
