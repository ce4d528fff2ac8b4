package io.quickstudy.adapt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the Java example of README.md compiles and does what it says. */
class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("(?s)```java\n(.*?)```");

  @TempDir private Path temporary;

  @Test
  void theExampleRuns() throws Exception {
    Matcher block = BLOCK.matcher(Files.readString(Path.of("README.md")));
    assertTrue(block.find(), "README.md has a block of Java");
    String source = block.group(1);
    Matcher name = Pattern.compile("class (\\w+)").matcher(source);
    assertTrue(name.find(), source);
    Path file = Files.writeString(temporary.resolve(name.group(1) + ".java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                said,
                null,
                null,
                List.of("-Werror", "-d", temporary.toString()),
                null,
                compiler
                    .getStandardFileManager(null, null, StandardCharsets.UTF_8)
                    .getJavaFileObjects(file))
            .call();
    assertTrue(compiled, said::toString);

    Runs.write(temporary.resolve("support"), 3, 0, 5);
    Runs.write(temporary.resolve("new"), 3, 10, 4);
    int right = 0;
    for (int k = 0; k < 12; k++) {
      String kind = (10 + k % 4) % 3 == 0 ? "jpg" : "png";
      Path image = temporary.resolve("new/c%d/hand%02d.%s".formatted(k / 4, 10 + k % 4, kind));
      String line = run(name.group(1), Runs.protonet(), temporary.resolve("support"), image);
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
