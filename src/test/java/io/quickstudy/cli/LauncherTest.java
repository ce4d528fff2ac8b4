package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How the launcher starts Java from the sources and from the bundle; a script takes Java's place.
 */
class LauncherTest {
  private static final long PATIENCE_SECONDS = 60;
  private static final String JAVA =
      "#!/bin/sh\nprintf '%s\\n' \"$@\" \"core ${OPENBLAS_CORETYPE-}\"\n";

  @TempDir private Path temporary;

  @BeforeEach
  void needsBash() {
    assumeFalse(System.getProperty("os.name").startsWith("Windows"), "Windows has no bash");
  }

  private static void executable(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path launcher(Path home) throws IOException {
    executable(home.resolve("quickstudy"), Files.readString(Path.of("quickstudy")));
    return home.resolve("quickstudy");
  }

  private Path bundle() throws IOException {
    Path home = temporary.resolve("a bundle");
    executable(home.resolve("runtime/bin/java"), JAVA);
    return launcher(home);
  }

  /** Sources that are built, and a JDK. */
  private Path sources() throws IOException {
    Path home = temporary.resolve("sources");
    for (String part : List.of("bin/java", "bin/javac")) {
      executable(temporary.resolve("jdk").resolve(part), JAVA);
    }
    Files.writeString(temporary.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
    for (String part : List.of(".mvn", "src/main", "native", "kernels", "target")) {
      Files.createDirectories(home.resolve(part));
    }
    Files.writeString(home.resolve("pom.xml"), "");
    Files.writeString(home.resolve("target/class-path"), "lib/a.jar:lib/b.jar"); // Maven's
    Files.writeString(home.resolve("target/quickstudy-1.jar"), "");
    return launcher(home);
  }

  /** The arguments that Java gets, one a line. */
  private List<String> started(Path launcher, String... arguments)
      throws IOException, InterruptedException {
    return started(Map.of(), launcher, arguments);
  }

  /** As {@link #started(Path, String...)}; an empty value unsets a variable. */
  private List<String> started(Map<String, String> environment, Path launcher, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    Path said = temporary.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().remove("QUICKSTUDY_JAVA_OPTS");
    builder.environment().put("JAVA_HOME", temporary.resolve("jdk").toString());
    builder.environment().put("OPENBLAS_CORETYPE", "Haswell");
    environment.forEach(
        (name, value) -> {
          if (value.isEmpty()) {
            builder.environment().remove(name);
          } else {
            builder.environment().put(name, value);
          }
        });
    Process p = builder.start();
    assertTrue(p.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "no end");
    assertEquals(0, p.exitValue(), () -> launcher + " failed");
    return Files.readAllLines(said);
  }

  @Test
  void theBundleHasTheOptionsOfTheSourcesAndNoCache() throws Exception {
    List<String> bundle = new ArrayList<>(started(bundle(), "info", "--json"));
    List<String> sources = new ArrayList<>(started(sources(), "info", "--json"));
    Path home = temporary.resolve("a bundle").toRealPath();
    assertEquals(
        "%s/natives:%s/lib/*".formatted(home, home), bundle.remove(bundle.indexOf("-cp") + 1));
    assertTrue(bundle.remove("-Dorg.bytedeco.javacpp.cachelibraries=false"));
    Path target = temporary.resolve("sources/target").toRealPath();
    assertEquals(
        "%s/quickstudy-1.jar:%s/lib/a.jar:%s/lib/b.jar".formatted(target, target, target),
        sources.remove(sources.indexOf("-cp") + 1));
    assertEquals(sources, bundle);
    assertTrue(bundle.contains("-Dquickstudy.cleared.OPENBLAS_CORETYPE=Haswell"), bundle + "");
    assertEquals("core ", bundle.get(bundle.size() - 1));
  }

  @Test
  void theOptionsAreThoseOfTheTests() throws Exception {
    List<String> options = started(bundle(), "info");
    String pom = Files.readString(Path.of("pom.xml"));
    String tests = pom.replaceAll("(?s).*<java.native.options>(.*)</java.native.options>.*", "$1");
    assertFalse(tests.isBlank());
    assertTrue(
        options.containsAll(List.of(tests.split(" ", -1))), options + " lacks some of " + tests);
  }

  @Test
  void theBundleIsFoundThroughLinks() throws Exception {
    Path direct = bundle();
    Path link = Files.createSymbolicLink(temporary.resolve("link"), direct);
    Path folder = Files.createDirectory(temporary.resolve("folder"));
    Path second = Files.createSymbolicLink(folder.resolve("q"), Path.of("..", "link"));
    assertEquals(started(direct, "list"), started(link, "list"));
    assertEquals(started(direct, "list"), started(second, "list"));
  }

  @Test
  void theChecksOfTheBundleAreStarted() throws Exception {
    List<String> said = started(bundle(), "check", "--device", "cuda");
    int at = said.indexOf("io.quickstudy.cli.Main");
    assertTrue(said.get(at - 1).endsWith("/checks/*"), said + "");
    assertEquals(List.of("check", "--device", "cuda"), said.subList(at + 1, at + 4));
  }

  /**
   * What Java kept of the classes is for this jar alone, and for those who do not say otherwise.
   */
  @Test
  void keptClassesAreThoseOfTheJar() throws Exception {
    Path launcher = sources();
    Path target = temporary.resolve("sources/target").toRealPath();
    Path kept = Files.writeString(target.resolve("classes.jsa"), "");
    String option = "-XX:SharedArchiveFile=" + kept;
    FileTime built = Files.getLastModifiedTime(target.resolve("quickstudy-1.jar"));
    FileTime later = FileTime.from(built.toInstant().plusSeconds(2));
    FileTime before = FileTime.from(built.toInstant().minusSeconds(2));
    Files.setLastModifiedTime(kept, later);
    assertTrue(started(launcher, "list").contains(option));
    for (String own : List.of("-Xshare:off", "-XX:SharedArchiveFile=mine", "-XX:AOTMode=off")) {
      List<String> said = started(Map.of("QUICKSTUDY_JAVA_OPTS", own), launcher, "list");
      assertTrue(said.contains(own) && !said.contains(option), said + "");
    }
    Files.setLastModifiedTime(kept, before);
    assertFalse(started(launcher, "list").contains(option));
  }

  /** Services and some containers have none. */
  @Test
  void noHomeIsNeeded() throws Exception {
    Path launcher = sources();
    String path = temporary.resolve("jdk/bin") + ":/usr/bin:/bin"; // where the JDK is looked for
    assertEquals(
        started(launcher, "list"),
        started(Map.of("HOME", "", "JAVA_HOME", "", "PATH", path), launcher, "list"));
  }

  /** Java reads names of files as the locale says, and there is no other way to tell it. */
  @Test
  void javaGetsUtf8InEveryLocale() throws Exception {
    Path launcher = bundle();
    executable(temporary.resolve("a bundle/runtime/bin/java"), "#!/bin/sh\nlocale charmap\n");
    for (Map<String, String> locale :
        List.of(
            Map.of("LC_ALL", "", "LANG", "", "LC_CTYPE", ""),
            Map.of("LC_ALL", "C", "LANG", "C"),
            Map.of("LC_ALL", "POSIX"),
            Map.of("LC_ALL", "", "LANG", "xx_YY.ISO-8859-1"))) {
      List<String> said = started(locale, launcher, "list");
      assertEquals("UTF-8", said.getFirst(), locale + "");
    }
  }
}
