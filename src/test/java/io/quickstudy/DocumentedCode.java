package io.quickstudy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Java that a document shows, so that a test can compile and run it. */
public final class DocumentedCode {
  private static final Pattern BLOCK = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
  private static final Pattern CLASS =
      Pattern.compile("(?m)^public (?:final )?(?:class|record) (\\w+)");

  private DocumentedCode() {}

  /** The blocks of Java of a document, in order. */
  public static List<String> blocks(Path document) throws IOException {
    return BLOCK
        .matcher(Files.readString(document))
        .results()
        .map((MatchResult block) -> block.group(1))
        .toList();
  }

  /**
   * Compiles one class without a warning. It may use those that lie in the folder already.
   *
   * @return its name, with its package if it is in one
   */
  public static String compile(String source, Path into) throws IOException {
    Matcher name = CLASS.matcher(source);
    assertTrue(name.find(), source);
    Path file = Files.writeString(into.resolve(name.group(1) + ".java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                said,
                null,
                null,
                List.of("-Werror", "-d", into.toString(), "-cp", classpath(into)),
                null,
                compiler
                    .getStandardFileManager(null, null, StandardCharsets.UTF_8)
                    .getJavaFileObjects(file))
            .call();
    assertTrue(compiled, said::toString);
    Matcher in = PACKAGE.matcher(source);
    return in.find() ? in.group(1) + "." + name.group(1) : name.group(1);
  }

  private static String classpath(Path into) {
    return System.getProperty("java.class.path") + File.pathSeparator + into;
  }
}
