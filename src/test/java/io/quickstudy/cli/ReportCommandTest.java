package io.quickstudy.cli;

import static io.quickstudy.cli.Ran.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code quickstudy report} and {@code train --tensorboard} as a user sees them. */
class ReportCommandTest {
  @TempDir private Path temporary;

  private Ran train(Path run, String... more) {
    List<String> args = new ArrayList<>(List.of("train", "--out", run.toString()));
    args.addAll(List.of(more));
    return Ran.of(args.toArray(String[]::new));
  }

  private static final String[] SHORT = {
    "--data",
    "sinusoid",
    "--steps",
    "12",
    "--meta-batch",
    "4",
    "--eval-episodes",
    "20",
    "--device",
    "cpu"
  };

  @Test
  void aRunBecomesAPage() throws IOException {
    Path r = temporary.resolve("r");
    assertEquals(0, train(r, SHORT).code());
    Ran made = Ran.of("report", r.toString());
    assertEquals(0, made.code(), made.err());
    assertEquals("", made.err());
    Path page = r.resolve("report.html");
    assertTrue(made.out().startsWith("maml on sinusoid: mse "), made.out());
    assertTrue(made.out().contains("report " + page), made.out());
    assertTrue(Files.readString(page).contains("20 of 10 points"), "as it was configured");
    assertEquals(0, Ran.of("report", r.toString(), "--episodes", "7").code());
    assertTrue(Files.readString(page).contains("7 of 10 points"), "over the older page");
    Path elsewhere = temporary.resolve("new/page.html");
    assertEquals(0, Ran.of("report", r.toString(), "--out", elsewhere.toString()).code());
    assertTrue(Files.size(elsewhere) > 50_000);
    assertEquals(0, train(r, "--resume").code(), "the page is not in the run's way");
  }

  @Test
  void badUsageIsOneSentenceAndTwo() throws IOException {
    Path r = temporary.resolve("r");
    train(r, SHORT);
    String run = r.toString();
    assertRefused(2, "RUN is missing", Ran.of("report"));
    assertRefused(2, "does not exist", Ran.of("report", run + "x"));
    assertRefused(2, "holds no run", Ran.of("report", temporary.toString()));
    assertRefused(2, "Option --episodes is 0", Ran.of("report", run, "--episodes", "0"));
    assertRefused(2, "Option --episodes is 'x'", Ran.of("report", run, "--episodes", "x"));
    assertRefused(2, "expected functions", Ran.of("report", run, "--data", "glyphs"));
    assertRefused(2, "a folder: expected a file", Ran.of("report", run, "--out", run));
    assertRefused(2, "did you mean '--out'", Ran.of("report", run, "--outt", run));
    Path config = r.resolve("config.yaml");
    String before = Files.readString(config);
    assertRefused(2, "no report", Ran.of("report", run, "--out", config.toString()));
    assertEquals(before, Files.readString(config));
    Path under = config.resolve("page.html");
    Ran failed = Ran.of("report", run, "--out", under.toString());
    assertRefused(1, "cannot be written", failed);
    assertFalse(Files.exists(r.resolve("report.html")));
  }

  @Test
  void eventFilesAreWrittenOnRequestAndWhereTheyAre() throws IOException {
    Path r = temporary.resolve("r");
    assertEquals(0, train(r, SHORT).code());
    assertFalse(Files.exists(r.resolve("tensorboard")));
    assertEquals(0, train(r, "--resume", "--steps", "14", "--tensorboard").code());
    assertEquals(1, files(r));
    assertEquals(0, train(r, "--resume", "--steps", "16").code());
    assertEquals(2, files(r));
  }

  private static long files(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("tensorboard"))) {
      return files.count();
    }
  }
}
