package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.quickstudy.data.image.Painted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs are the same in every locale: in C, where Java reads no letter beyond ASCII, with digits of
 * one's own, and where a small I has another capital. Each is a process.
 */
class LocaleTest {
  private static final long PATIENCE_SECONDS = 120;

  /** What differs between two runs of the same bits. */
  private static final String TIMES = "(\"[a-z_]*(?:seconds|second|memory_bytes)\" ?:) ?[-0-9.E]+";

  @TempDir private Path temporary;

  /** What a process does: it trains, goes on, measures and adapts, in the folder that it is in. */
  static final class Steps {
    private Steps() {}

    /** With the folder of the images. */
    public static void main(String[] args) throws IOException {
      // what a format would write that asks for the locale
      Locale locale = Locale.getDefault(Locale.Category.FORMAT);
      Files.writeString(Path.of("digits"), String.format(locale, "%d", 42));
      run(
          "train --data folder:"
              + args[0]
              + " --size 8 --channels 1 --model mlp --hidden 8 --ways 2 --queries 1"
              + " --eval-ways 2 --eval-queries 1 --eval-episodes 10 --val-episodes 5 --workers 1"
              + " --device cpu --meta-batch 2 --checkpoint-every 1 --log-every 1 --eval-every 2"
              + " --out run --steps 2");
      run("train --out run --resume --steps 4");
      keep("eval", "eval run --json");
      keep(
          "adapt",
          "adapt run --device cpu --csv --support %1$s/Test --query %1$s/Test".formatted(args[0]));
      keep("list", "list");
    }

    private static Ran run(String command) {
      Ran ran = Ran.of(command.split(" ", -1));
      if (ran.code() != 0) {
        throw new IllegalStateException(command + ": " + ran.err());
      }
      return ran;
    }

    private static void keep(String name, String command) throws IOException {
      Files.writeString(Path.of(name), run(command).out());
    }
  }

  @BeforeEach
  void paint() throws Exception {
    assumeFalse(System.getProperty("os.name").startsWith("Windows"), "Windows has no bash");
    Path images = temporary.resolve("images");
    Painted.classes(images.resolve("Train"), 3, 3);
    Painted.classes(images.resolve("valid/v"), 2, 3);
    Painted.classes(images.resolve("Test/t"), 2, 3);
    Painted.classes(images.resolve("new"), 2, 3);
    // an e with an acute and one with a grave accent, as bytes; one folder more of the first, in
    // NFD
    String script =
        "mv Train/c0 $'Train/caf\\xc3\\xa9'; mv Train/c1 $'Train/caf\\xc3\\xa8';"
            + " mkdir $'Train/cafe\\xcc\\x81'; cp Train/c2/0.png $'Train/cafe\\xcc\\x81/9.png';"
            + " mv Test/t/c0 $'Test/\\xd8\\xac'; mv Test/t/c1 $'Test/\\xd8\\xb7'; rmdir Test/t";
    Process shell =
        new ProcessBuilder("bash", "-c", script).directory(images.toFile()).inheritIO().start();
    assertEquals(0, shell.waitFor());
  }

  /** What a process wrote, by name; without times, and without the lock that names the process. */
  private Map<String, String> ran(String name, String locale, String... options) throws Exception {
    Path folder = Files.createDirectory(temporary.resolve(name));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g"));
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Steps.class.getName(), temporary.resolve("images").toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(temporary.resolve(name + ".log").toFile());
    builder.environment().put("LC_ALL", locale);
    builder.environment().put("XDG_CACHE_HOME", temporary.resolve("cache").toString());
    Process process = builder.start();
    assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "no end");
    String log = Files.readString(temporary.resolve(name + ".log"), StandardCharsets.ISO_8859_1);
    assertEquals(0, process.exitValue(), log);
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1); // bytes as they are
        files.put(folder.relativize(file).toString(), text.replaceAll(TIMES, "$1"));
      }
    }
    files.remove("run/lock");
    return files;
  }

  @Test
  void runsAreTheSameInEveryLocale() throws Exception {
    Map<String, String> usual = ran("usual", "C.UTF-8");
    assertTrue(usual.containsKey("run/checkpoints/step-0000004.safetensors"), usual.keySet() + "");
    assertTrue(usual.get("run/data.json").contains("caf\u00c3\u00a9"), "UTF-8");
    assertEquals("42", usual.remove("digits"));
    Map<String, String> c = ran("c", "C");
    assertEquals("42", c.remove("digits"));
    assertEquals(usual, c);
    Map<String, String> arabic =
        ran(
            "arabic",
            "C.UTF-8",
            "-Duser.language=ar",
            "-Duser.country=EG",
            "-Duser.extensions=u-nu-arab");
    assertEquals("\u00d9\u00a4\u00d9\u00a2", arabic.remove("digits"), "the locale has its own");
    assertEquals(usual, arabic);
    Map<String, String> turkish =
        ran("turkish", "POSIX", "-Duser.language=tr", "-Duser.country=TR");
    assertEquals("42", turkish.remove("digits"));
    assertEquals(usual, turkish);
  }
}
