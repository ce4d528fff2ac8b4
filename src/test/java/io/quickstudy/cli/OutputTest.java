package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quickstudy.adapt.Runs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A result that cannot be written is none, whatever its form. */
class OutputTest {
  private static final String FULL = "No space left on device";

  @TempDir private Path temporary;

  /** A disk with room for some bytes. */
  private static OutputStream disk(int room, String failure) {
    return new OutputStream() {
      private int left = room;

      @Override
      public void write(int b) throws IOException {
        if (left-- <= 0) {
          throw new IOException(failure);
        }
      }
    };
  }

  private String[] words(String line) throws IOException {
    Path folder = temporary.resolve("images");
    if (line.contains("IMAGES") && !Files.exists(folder)) {
      Runs.write(folder, 4, 0, 4);
    }
    String said = line.replace("OUT", temporary.toString()).replace("IMAGES", folder.toString());
    said = line.contains("SINUSOID") ? said.replace("SINUSOID", Runs.sinusoid().toString()) : said;
    said = line.contains("PROTONET") ? said.replace("PROTONET", Runs.protonet().toString()) : said;
    return said.split(" ", -1);
  }

  /** Its exit code and what it says, of which the lines that tell of a failure count. */
  private List<String> failures(String line, OutputStream to, int code) throws IOException {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
    Console console = new Console(new StandardOutput(to), errors, Console.Screen.PLAIN);
    String said = err.toString(StandardCharsets.UTF_8);
    assertEquals(code, Main.run(console, words(line)), said);
    said = err.toString(StandardCharsets.UTF_8);
    return said.lines().filter(l -> l.startsWith("quickstudy: ")).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "--version",
        "train --help",
        "list",
        "list --json",
        "info",
        "demo --out OUT/demo",
        "info --json",
        "train --data sinusoid --steps 2 --eval-episodes 2 --out OUT/run",
        "train --data sinusoid --steps 2 --eval-episodes 2 --out OUT/run --json",
        "eval SINUSOID --episodes 2",
        "eval SINUSOID --episodes 2 --json",
        "report SINUSOID --episodes 2 --out OUT/page.html",
        "export SINUSOID --onnx OUT/model.onnx",
        "export SINUSOID --safetensors OUT/weights --json",
        "adapt PROTONET --support IMAGES --query IMAGES",
        "adapt PROTONET --support IMAGES --query IMAGES --json",
        "adapt PROTONET --support IMAGES --query IMAGES --csv",
      })
  void aResultThatCannotBeWrittenIsOneSentence(String line) throws IOException {
    List<String> said = failures(line, disk(5, FULL), 1);
    assertEquals(1, said.size(), said + "");
    assertTrue(said.get(0).contains("Standard output cannot be written (" + FULL + ")"), said + "");
  }

  @Test
  void aClosedPipeIsQuiet() throws IOException {
    assertEquals(List.of(), failures("list", disk(5, "Broken pipe"), 0));
  }

  @Test
  void whatFailedBeforeIsSaidAlone() throws IOException {
    List<String> said = failures("eval OUT/none", disk(0, FULL), 2);
    assertEquals(1, said.size(), said + "");
    assertTrue(said.get(0).contains("does not exist"), said + "");
  }

  /** The same, with a process's own output. */
  @Test
  void theSystemsOwnFullDeviceAndPipe() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "this system has no /dev/full");
    Path log = temporary.resolve("log");
    try (Child c = Child.startInShell(log, "exec \"$@\" >/dev/full", List.of("list"))) {
      assertEquals(1, c.end(), c::said);
      assertEquals(1, c.said().lines().count(), c::said);
      assertTrue(c.said().contains("Standard output cannot be written (" + FULL), c::said);
    }
    String gone = "exec 3>&1; { \"$@\"; echo $? >&3; } | true";
    try (Child c = Child.startInShell(log, gone, List.of("list"))) {
      assertEquals(0, c.end(), c::said);
      assertEquals("0", c.said().strip());
    }
    try (Child c = Child.startInShell(log, "exec \"$@\" >&-", List.of("list"))) {
      assertEquals(1, c.end(), c::said);
      assertTrue(c.said().contains("Standard output cannot be written ("), c::said);
    }
  }
}
