package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * That runs of version 0.1, from before learners declared their own options, are measured and go on
 * with the same results. Each is three steps of a small run; expected.json has what 0.1 itself
 * measured, and the sums and squares of its parameters after three more.
 */
class OldRunsTest {
  private static final Path RUNS = Path.of("src/test/resources/runs-0.1");

  /** Kernels for other processors round differently; on the one that made them it is 0. */
  private static final double ROUNDING = 1e-4;

  @TempDir private Path temporary;

  private Path copy(String name) throws IOException {
    Path to = temporary.resolve(name);
    try (Stream<Path> all = Files.walk(RUNS.resolve(name))) {
      for (Path p : (Iterable<Path>) all::iterator) {
        Path target = to.resolve(RUNS.resolve(name).relativize(p).toString());
        Files.createDirectories(Files.isDirectory(p) ? target : target.getParent());
        if (Files.isRegularFile(p)) {
          Files.copy(p, target);
        }
      }
    }
    return to;
  }

  @ParameterizedTest
  @ValueSource(strings = {"maml", "fomaml", "protonet", "protonet-mlp", "lstm", "sinusoid"})
  void anOldRunIsMeasuredAndGoesOn(String name) throws IOException {
    Path path = copy(name);
    JsonNode expected = new ObjectMapper().readTree(path.resolve("expected.json").toFile());
    RunFolder folder = RunFolder.open(path);
    measured(folder, expected);
    RunConfig longer = Overrides.resume(folder.config(), Map.of("steps", "6"));
    Trainer.Result r;
    try (Session session = Session.open(longer, TrainListener.NONE);
        Trainer trainer = new Trainer(session, folder.with(longer), TrainListener.NONE)) {
      r = trainer.run(() -> false);
    }
    assertEquals(6, r.step());
    JsonNode sums = expected.get("after_6_steps");
    int compared = 0;
    for (Map.Entry<String, Array> e : r.theta().entrySet()) {
      double sum = 0;
      double squares = 0;
      for (float f : e.getValue().data()) {
        sum += f;
        squares += (double) f * f;
      }
      JsonNode then = sums.get(e.getKey());
      double size = ROUNDING * (1 + Math.sqrt(squares * e.getValue().data().length));
      assertEquals(then.get(0).asDouble(), sum, size, e.getKey());
      assertEquals(then.get(1).asDouble(), squares, ROUNDING * (1 + squares), e.getKey());
      compared++;
    }
    assertEquals(sums.size(), compared, "all its parameters");
    // what is written now is read again, and is the same
    assertEquals(longer, RunFolder.open(path).config());
    assertTrue(Files.readString(path.resolve("config.yaml")).contains("version: 2"));
  }

  private static void measured(RunFolder folder, JsonNode expected) {
    RunConfig c =
        Overrides.measure(
            folder.config(), Map.of("eval-episodes", expected.get("episodes").asText()));
    Map<String, Array> theta = folder.trained(m -> {}).theta();
    try (Session session = Session.open(c, TrainListener.NONE);
        Evaluator evaluator = new Evaluator(session, EvalSpec.test(c), theta)) {
      Evaluation e = evaluator.measure(theta, TrainListener.NONE);
      // one answer in thirty may tip over where roundings differ
      double tolerance = c.classifies() ? 0.02 : ROUNDING * expected.get("value").asDouble();
      assertEquals(expected.get("value").asDouble(), e.value(), tolerance);
    }
  }
}
