package io.quickstudy;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.INTERFACES;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.quickstudy.data.DataSource;
import io.quickstudy.graph.Shape;
import io.quickstudy.learner.Learner;
import io.quickstudy.learners.Learners;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Which package may use which. Every {@code package-info.java} says it of its own, in a last
 * sentence that begins with "May import:" and names packages as {@code {@code backend.plan}}, or as
 * {@code {@code data} and its rooms}; what stands behind a semicolon is only said. Nothing repeats
 * it.
 */
class ArchitectureTest {
  private static final String ROOT = "io.quickstudy";
  private static final Path SOURCES = Path.of("src/main/java/io/quickstudy");
  private static final String INFO = "package-info.java";

  private static final Pattern MAY_IMPORT = Pattern.compile("May import: ([^;]*?)(;.*)?\\.$");
  private static final Pattern NAME = Pattern.compile("\\{@code ([a-z.]+)}( and its rooms)?");

  /** Documents of which one holds the table of packages, under this heading. */
  private static final List<Path> DOCUMENTS =
      List.of(Path.of("README.md"), Path.of("docs/how-it-works.md"));

  private static final String HEADING = "| package (`io.quickstudy.`) |";
  private static final Pattern ROW = Pattern.compile("\\|([^|]*)\\|([^|]*)\\|");
  private static final Pattern CELL = Pattern.compile("`([a-z.]+)`|\\((root)\\)");

  /** Those beside {@link Shape}: the tests are elsewhere. */
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(Shape.class.getProtectionDomain().getCodeSource().getLocation());

  private static final String[] RUNNERS = {
    "io.quickstudy.run..",
    "io.quickstudy.train..",
    "io.quickstudy.cli..",
    "io.quickstudy.adapt..",
    "io.quickstudy.report..",
    "io.quickstudy.exchange.."
  };

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

  /** What a package says that it may import. */
  private static Set<String> mayImport(String name) throws IOException {
    Path file = SOURCES.resolve(name.replace('.', '/')).resolve(INFO);
    String text = Files.readString(file);
    String comment =
        text.substring(text.indexOf("/**") + 3, text.indexOf("*/"))
            .replaceAll("\\s*\\n \\*", " ")
            .replaceAll("\\s+", " ")
            .strip();
    Matcher m = MAY_IMPORT.matcher(comment);
    assertTrue(m.find(), file + ": expected a last sentence 'May import: {@code graph}.'");
    Set<String> names = new TreeSet<>();
    NAME.matcher(m.group(1)).results().forEach(r -> names.addAll(named(r)));
    boolean none = m.group(1).startsWith("nothing");
    assertTrue(none != !names.isEmpty(), file + ": 'May import: " + m.group(1) + "' names nothing");
    Set<String> unknown = new TreeSet<>(names);
    unknown.removeAll(present());
    assertEquals(Set.of(), unknown, file + " names packages that there are not");
    return names;
  }

  private static Set<String> named(MatchResult r) {
    Set<String> names = new TreeSet<>(Set.of(r.group(1)));
    if (r.group(2) != null) {
      present().stream().filter(p -> p.startsWith(r.group(1) + ".")).forEach(names::add);
    }
    return names;
  }

  @TestFactory
  Stream<DynamicTest> packagesImportWhatTheySay() {
    return present().stream().map(name -> dynamicTest(full(name), () -> allowed(name)));
  }

  private static void allowed(String name) throws IOException {
    Set<String> names = mayImport(name);
    DescribedPredicate<JavaClass> targets =
        resideOutsideOfPackage(ROOT + "..").or(resideInAPackage(full(name)));
    for (String other : names) {
      targets = targets.or(resideInAPackage(full(other)));
    }
    classes()
        .that()
        .resideInAPackage(full(name))
        .should()
        .onlyDependOnClassesThat(
            targets.as("are outside the project or in " + names + ", as its " + INFO + " says"))
        .check(CLASSES);
  }

  /** What runs learners knows them by their declarations alone, as it knows a user's own. */
  @Test
  void nothingOutsideKnowsALearnerOrADataSet() {
    noClasses()
        .that()
        .resideInAnyPackage(RUNNERS)
        .should()
        .dependOnClassesThat(
            assignableTo(Learner.class)
                .and(not(INTERFACES))
                .or(assignableTo(DataSource.class).and(not(INTERFACES)))
                .as("are a learner or a data set"))
        .check(CLASSES);
  }

  /** Nor by a name that is compared. */
  @Test
  void nothingOutsideComparesNames() throws IOException {
    Set<String> names = new TreeSet<>();
    Learners.ALL.forEach(l -> names.add(l.name()));
    Pattern literal = Pattern.compile("\"(" + String.join("|", names) + ")\"");
    Set<String> found = new TreeSet<>();
    for (String runner : RUNNERS) {
      String folder = runner.replace("io.quickstudy.", "").replace("..", "").replace('.', '/');
      try (Stream<Path> files = Files.walk(SOURCES.resolve(folder))) {
        for (Path f :
            (Iterable<Path>) files.filter(p -> p.toString().endsWith(".java"))::iterator) {
          literal
              .matcher(Files.readString(f))
              .results()
              .forEach(m -> found.add(f + " " + m.group()));
        }
      }
    }
    assertEquals(Set.of(), found, "names of learners");
  }

  /**
   * What the machine's locale would decide: digits, letters, months. Error Prone's DefaultLocale
   * refuses the rest, and leaves System.out and System.err alone.
   */
  @Test
  void nothingAsksForTheLocale() {
    JavaClasses all =
        new ClassFileImporter()
            .importUrls(
                List.of(
                    Shape.class.getProtectionDomain().getCodeSource().getLocation(),
                    ArchitectureTest.class.getProtectionDomain().getCodeSource().getLocation()));
    noClasses()
        .should()
        .callMethod(PrintStream.class, "printf", String.class, Object[].class)
        .orShould()
        .callMethod(PrintStream.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(Locale.class, "getDefault")
        .orShould()
        .accessClassesThat()
        .areAssignableTo(Scanner.class)
        .because("results are the same in every locale; name Locale.ROOT")
        .check(all);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  /** The table says what each package is for, and leaves what it may import to the package. */
  @Test
  void theTableOfPackagesHasEachOnce() throws IOException {
    List<String> rows = new ArrayList<>();
    for (Path document : DOCUMENTS) {
      if (Files.exists(document)) {
        rows.addAll(table(Files.readAllLines(document)));
      }
    }
    assertTrue(!rows.isEmpty(), "no table '" + HEADING + "' in any of " + DOCUMENTS);
    List<String> named = new ArrayList<>();
    for (String row : rows) {
      Matcher m = ROW.matcher(row.strip());
      assertTrue(m.matches(), "expected two columns, the packages and what they are for: " + row);
      CELL.matcher(m.group(1))
          .results()
          .forEach(r -> named.add(r.group(2) == null ? r.group(1) : ""));
    }
    assertEquals(List.copyOf(present()), named.stream().sorted().toList());
  }

  /** The rows below the heading and its rule. */
  private static List<String> table(List<String> lines) {
    return lines.stream()
        .dropWhile(l -> !l.startsWith(HEADING))
        .skip(2)
        .takeWhile(l -> l.startsWith("|"))
        .toList();
  }

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    Set<Path> silent = new TreeSet<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      files
          .filter(f -> f.toString().endsWith(".java"))
          .map(Path::getParent)
          .filter(folder -> !Files.exists(folder.resolve(INFO)))
          .forEach(silent::add);
    }
    assertEquals(Set.of(), silent, "packages without " + INFO);
  }
}
