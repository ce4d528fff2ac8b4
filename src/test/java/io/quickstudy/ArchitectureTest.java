package io.quickstudy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.quickstudy.graph.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which package may use which. A new package is entered here, or the test fails and names it. */
class ArchitectureTest {
  private static final String ROOT = "io.quickstudy";
  private static final Path SOURCES = Path.of("src/main/java/io/quickstudy");

  /** Those beside {@link Shape}: the tests are elsewhere. */
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(Shape.class.getProtectionDomain().getCodeSource().getLocation());

  private static final Map<String, List<String>> MAY_USE = new LinkedHashMap<>();

  static {
    arrows("graph", "");
    arrows("transform", "graph");
    arrows("functions", "graph");
    arrows("task", "graph transform");
    arrows("reference", "graph transform");
    arrows("backend", "graph");
    arrows("bindings", "");
    arrows("backend.plan", "backend transform graph");
    arrows("backend.cpu", "backend backend.plan bindings transform graph");
    arrows("backend.cuda", "backend backend.plan bindings transform graph");
    arrows("runtime", "transform backend backend.cpu backend.cuda graph");
    arrows("nn", "transform functions graph");
    arrows("optim", "transform functions graph");
    arrows("text", "");
    arrows("random", "");
    arrows("data", "random text");
    arrows("data.image", "data text");
    arrows("data.glyphs", "data random");
    arrows("data.sampling", "data random");
    arrows("data.source", "data data.image data.glyphs random text");
    arrows("learners", "nn optim functions transform task graph");
    arrows("run", "runtime data data.image data.source text nn backend graph");
    arrows("exchange.weights", "run runtime nn text graph");
    arrows(
        "train",
        "exchange.weights run runtime learners nn optim data data.image data.glyphs"
            + " data.sampling data.source random text task transform graph functions"
            + " backend");
    arrows(
        "exchange.onnx",
        "run train runtime learners nn task transform functions data backend graph");
    arrows("adapt", "train run runtime learners nn data data.image task transform graph backend");
    arrows("", "adapt");
    arrows("report", "train run runtime data data.sampling data.source text");
    arrows(
        "cli", "report adapt exchange.onnx exchange.weights train run data data.image text graph");
  }

  private static void arrows(String from, String to) {
    MAY_USE.put(from, to.isEmpty() ? List.of() : List.of(to.split(" ")));
  }

  private static String full(String name) {
    return name.isEmpty() ? ROOT : ROOT + "." + name;
  }

  /** The packages that hold classes, without the root's name. */
  private static Set<String> present() {
    return CLASSES.stream()
        .map(JavaClass::getPackageName)
        .map(n -> n.equals(ROOT) ? "" : n.substring(ROOT.length() + 1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @TestFactory
  Stream<DynamicTest> arrowsPointDown() {
    return MAY_USE.keySet().stream()
        .map(
            name ->
                dynamicTest(
                    full(name) + (present().contains(name) ? "" : " (no classes yet)"),
                    () -> allowed(name)));
  }

  private static void allowed(String name) {
    DescribedPredicate<JavaClass> targets =
        resideOutsideOfPackage(ROOT + "..").or(resideInAPackage(full(name)));
    for (String other : MAY_USE.get(name)) {
      targets = targets.or(resideInAPackage(full(other)));
    }
    classes()
        .that()
        .resideInAPackage(full(name))
        .should()
        .onlyDependOnClassesThat(targets.as("are outside the project or in " + MAY_USE.get(name)))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void everyPackageIsInTheTable() {
    Set<String> unknown = new TreeSet<>(present());
    unknown.removeAll(MAY_USE.keySet());
    assertEquals(Set.of(), unknown, "packages without a line in MAY_USE");
    List<String> empty = new ArrayList<>(MAY_USE.keySet());
    empty.removeAll(present());
    if (!empty.isEmpty()) {
      System.out.println("ArchitectureTest: no classes yet in " + empty);
    }
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    Set<Path> silent = new TreeSet<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      files
          .filter(f -> f.toString().endsWith(".java"))
          .map(Path::getParent)
          .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
          .forEach(silent::add);
    }
    assertEquals(Set.of(), silent, "packages without package-info.java");
  }
}
