package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** How a command ended. */
record Ran(int code, String out, String err) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Runs a command. */
  static Ran of(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.run(
            new Console(
                new StandardOutput(out),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Console.Screen.PLAIN),
            args);
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs a command, of words and paths. */
  static Ran of(Object... words) {
    return of(Stream.of(words).map(Object::toString).toArray(String[]::new));
  }

  List<String> lines() {
    return out.lines().toList();
  }

  JsonNode json() throws IOException {
    return JSON.readTree(out);
  }

  /** One sentence on standard error, nothing on standard output. */
  static void assertRefused(int code, String sentence, Ran r) {
    assertEquals("", r.out);
    assertEquals(1, r.err.lines().count(), r.err);
    assertTrue(r.err.startsWith("quickstudy: "), r.err);
    assertTrue(r.err.contains(sentence), r.err);
    assertEquals(code, r.code, r.err);
  }
}
