package io.quickstudy.backend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a C++ or CUDA file says that Java repeats. */
public final class CSource {
  private static final Pattern COMMENT = Pattern.compile("//[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);
  private static final Pattern ENUM = Pattern.compile("\\benum\\s*(\\w*)\\s*\\{([^}]*)\\}");
  private static final Pattern NUMBER = Pattern.compile("-?(0x[0-9a-fA-F]+|\\d+)");

  private final Path file;
  private final String text;

  private CSource(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /** Reads a file, such as {@code native/quickstudy.h}. */
  public static CSource read(String file) throws IOException {
    Path path = Path.of(file);
    return new CSource(path, COMMENT.matcher(Files.readString(path)).replaceAll(""));
  }

  /** The text without its comments. */
  public String text() {
    return text;
  }

  /**
   * The constants of one enum, by name, in their order.
   *
   * @throws AssertionError if the file has no such enum
   */
  public Map<String, Integer> constants(String name) {
    Matcher m = ENUM.matcher(text);
    while (m.find()) {
      if (m.group(1).equals(name)) {
        return constants(m);
      }
    }
    throw new AssertionError(file + " has no enum " + name);
  }

  /**
   * A constant of any enum that gives it as a number.
   *
   * @throws AssertionError if the file has none
   */
  public int constant(String name) {
    Matcher m = Pattern.compile("\\benum\\b[^}]*\\b" + name + " = (" + NUMBER + ")").matcher(text);
    if (!m.find()) {
      throw new AssertionError(file + " has no constant " + name);
    }
    return Integer.decode(m.group(1));
  }

  private Map<String, Integer> constants(Matcher found) {
    Map<String, Integer> out = new LinkedHashMap<>();
    int next = 0;
    for (String entry : found.group(2).strip().split("\\s*,\\s*")) {
      String[] sides = entry.split("\\s*=\\s*");
      if (sides.length > 1) {
        if (!NUMBER.matcher(sides[1]).matches()) {
          throw new AssertionError(file + ": " + entry + " is no number that this can read");
        }
        next = Integer.decode(sides[1]);
      }
      out.put(sides[0], next++);
    }
    return out;
  }
}
