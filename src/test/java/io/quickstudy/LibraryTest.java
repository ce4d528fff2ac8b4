package io.quickstudy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.adapt.Runs;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that depends on Quickstudy, with what Maven gives it and no more. */
class LibraryTest {
  private static final Pattern DEPENDENCY = Pattern.compile("(?s)<dependency>(.*?)</dependency>");
  private static final Pattern ARTIFACT = Pattern.compile("<artifactId>([^<]*)</artifactId>");
  private static final int TIME_LIMIT_S = 120;

  @TempDir private Path temporary;

  /** The names of the libraries that the POM forces upon those who depend on it, or does not. */
  private static Set<String> dependencies(boolean forced) throws IOException {
    return DEPENDENCY
        .matcher(Files.readString(Path.of("pom.xml")))
        .results()
        .map(d -> d.group(1))
        .filter(
            d ->
                forced
                    == !(d.contains("<optional>true<")
                        || d.contains("<scope>test<")
                        || d.contains("<scope>import<")))
        .map(d -> ARTIFACT.matcher(d).results().findFirst().orElseThrow().group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The class path of a program: what is not left to it to add, and what that needs. */
  private static List<String> libraries() throws IOException {
    Set<String> optional = dependencies(false);
    List<String> names = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      String file = Path.of(entry).getFileName().toString();
      boolean left = optional.stream().anyMatch(o -> file.matches(o + "-[0-9].*"));
      if (entry.contains("test-classes") || left || file.startsWith("junit")) {
        continue;
      }
      names.add(entry);
    }
    return names;
  }

  @Test
  void noneOfTheCommandLineOrOfCudaIsForcedUponPrograms() throws IOException {
    assertEquals(
        Set.of(
            "javacpp",
            "openblas",
            "jackson-databind",
            "jackson-dataformat-yaml",
            "jackson-dataformat-csv",
            "imageio-jpeg",
            "imageio-tiff",
            "imageio-webp"),
        dependencies(true));
  }

  @Test
  void theExampleOfTheReadmeRunsWithTheseAlone() throws Exception {
    Runs.write(temporary.resolve("support"), 3, 0, 5);
    Runs.write(temporary.resolve("new"), 3, 10, 1);
    String name =
        DocumentedCode.compile(DocumentedCode.blocks(Path.of("README.md")).getFirst(), temporary);
    Path jar = program(name, libraries());

    ProcessBuilder java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-jar",
                jar.toString(),
                Runs.protonet().toString(),
                temporary.resolve("support").toString(),
                temporary.resolve("new/c0/hand10.png").toString())
            .redirectOutput(temporary.resolve("out").toFile())
            .redirectError(temporary.resolve("err").toFile());
    java.environment()
        .remove("QUICKSTUDY_DEVICE"); // a GPU, if there is one, wants what is left out
    Process p = java.start();
    try {
      assertTrue(p.waitFor(TIME_LIMIT_S, TimeUnit.SECONDS), "it does not end");
    } finally {
      p.destroyForcibly();
    }
    // not a warning either: the manifest allows native access
    assertEquals("", Files.readString(temporary.resolve("err")));
    assertTrue(Files.readString(temporary.resolve("out")).matches("c[0-2], \\d+ %\n"));
  }

  /** A jar of a class whose manifest names its libraries and allows them native code. */
  private Path program(String main, List<String> libraries) throws IOException {
    assertFalse(libraries.stream().anyMatch(l -> l.contains("picocli") || l.contains("cuda-")));
    Manifest manifest = new Manifest();
    Attributes a = manifest.getMainAttributes();
    a.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    a.put(Attributes.Name.MAIN_CLASS, main);
    a.put(new Attributes.Name("Enable-Native-Access"), "ALL-UNNAMED");
    a.put(
        Attributes.Name.CLASS_PATH,
        libraries.stream()
            .map(l -> Path.of(l).toUri().toString())
            .collect(Collectors.joining(" ")));
    Path jar = temporary.resolve("program.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        Stream<Path> classes = Files.list(temporary)) {
      for (Path c : classes.filter(f -> f.toString().endsWith(".class")).toList()) {
        out.putNextEntry(new ZipEntry(c.getFileName().toString()));
        Files.copy(c, out);
        out.closeEntry();
      }
    }
    return jar;
  }
}
