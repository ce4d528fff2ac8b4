package io.quickstudy.adapt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.DocumentedCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the Java example of README.md compiles and does what it says. */
class ReadmeTest {
  @TempDir private Path temporary;

  @Test
  void theExampleRuns() throws Exception {
    String name =
        DocumentedCode.compile(DocumentedCode.blocks(Path.of("README.md")).getFirst(), temporary);

    Runs.write(temporary.resolve("support"), 3, 0, 5);
    Runs.write(temporary.resolve("new"), 3, 10, 4);
    int right = 0;
    for (int k = 0; k < 12; k++) {
      String kind = (10 + k % 4) % 3 == 0 ? "jpg" : "png";
      Path image =
          temporary.resolve(
              String.format(Locale.ROOT, "new/c%s/hand%02d.%s", k / 4, 10 + k % 4, kind));
      String line = run(name, Runs.protonet(), temporary.resolve("support"), image);
      assertTrue(line.matches("c[0-2], \\d+ %\n"), line);
      right += line.startsWith("c" + k / 4) ? 1 : 0;
    }
    assertTrue(right >= 9, right + " of 12 are right");
  }

  private String run(String example, Path... arguments) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {temporary.toUri().toURL()})) {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      String[] texts = new String[arguments.length];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = arguments[i].toString();
      }
      loader.loadClass(example).getMethod("main", String[].class).invoke(null, (Object) texts);
    } finally {
      System.setOut(before);
    }
    assertEquals(1, out.toString(StandardCharsets.UTF_8).lines().count());
    return out.toString(StandardCharsets.UTF_8);
  }
}
