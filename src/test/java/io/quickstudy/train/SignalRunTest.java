package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Metric;
import io.quickstudy.data.source.DataSources;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.train.Predictions.Predicted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on signals of bits, which have neither images nor curves. */
class SignalRunTest {
  @TempDir private Path runs;

  private static RunConfig copy(String... pairs) {
    Map<String, String> m =
        RunFixtures.map("learner", "ntm", "data", "copy", "shots", "3", "meta-batch", "4");
    m.putAll(RunFixtures.map("hidden", "8", "rows", "6", "width", "4", "steps", "4"));
    m.putAll(RunFixtures.map(pairs));
    return RunFixtures.config(
        m.entrySet().stream()
            .flatMap(e -> List.of(e.getKey(), e.getValue()).stream())
            .toArray(String[]::new));
  }

  private Map<String, Array> trained(RunConfig c) {
    try (Session session = open(c);
        Trainer t =
            new Trainer(session, RunFolder.create(runs.resolve("r"), c), TrainListener.NONE)) {
      return Map.copyOf(t.run(() -> false).theta());
    }
  }

  private static Session open(RunConfig c) {
    return Session.open(c, DataSources.load(c.data(), c.request(), TrainListener.NONE));
  }

  @Test
  void whatIsMeasuredIsTheNumberOfWrongBits() {
    RunConfig c = copy("eval-shots", "5", "eval-episodes", "20");
    Map<String, Array> theta = trained(c);
    EvalSpec spec = EvalSpec.test(c);
    try (Session session = open(c);
        Evaluator evaluator = new Evaluator(session, spec, theta);
        Predictions predictions = new Predictions(session, spec, theta)) {
      Evaluation e = evaluator.measure(theta, TrainListener.NONE);
      assertEquals(Metric.BITS, e.metric());
      List<Integer> wrong = new ArrayList<>();
      predictions.forEach(
          theta,
          TrainListener.NONE,
          p -> {
            Predicted.OfSignal s = (Predicted.OfSignal) p;
            assertEquals(11, s.signal().steps(), "as many items as are measured");
            int n = 0;
            for (int t = 0; t < 11; t++) {
              for (int b = 0; b < 8; b++) {
                boolean one = s.logits()[t][b] > 0;
                boolean right = one == (s.signal().y()[8 * t + b] == 1);
                n += s.signal().asked()[t] == 1 && !right ? 1 : 0;
              }
            }
            wrong.add(n);
          });
      double mean = wrong.stream().mapToInt(n -> n).average().orElseThrow();
      assertEquals(mean, e.value(), 1e-9);
      assertTrue(mean > 8 && mean < 32, "untrained it guesses 40 bits: " + mean);
      assertTrue(e.summary().startsWith("wrong bits of an answer "), e.summary());
    }
  }

  @Test
  void attentionIsThatOfEveryHeadAtEveryStep() {
    RunConfig c = copy("read-heads", "2");
    Map<String, Array> theta = trained(c);
    try (Session session = open(c)) {
      List<List<Attention>> a = Attention.of(session, EvalSpec.test(c), theta, 2);
      assertEquals(2, a.size(), "tasks");
      assertEquals(3, a.getFirst().size(), "two heads read, one writes");
      for (Attention head : a.getLast()) {
        assertEquals(7, head.steps());
        for (int t = 0; t < 7; t++) {
          double sum = 0;
          for (int r = 0; r < 6; r++) {
            sum += head.weights()[6 * t + r];
          }
          assertEquals(1, sum, 1e-5, head.name() + " at step " + t);
        }
      }
    }
    RunConfig lstm = RunFixtures.config("learner", "lstm", "data", "copy", "hidden", "8");
    try (Session session = open(lstm)) {
      Map<String, Array> start = Beginning.theta(session, TrainListener.NONE);
      assertEquals(List.of(), Attention.of(session, EvalSpec.test(lstm), start, 1));
    }
  }

  @Test
  void whatDoesNotFitIsSaid() {
    String q = assertThrows(ConfigException.class, () -> copy("queries", "2")).getMessage();
    assertTrue(q.contains("--shots says how many items a signal has"), q);
    String w = assertThrows(ConfigException.class, () -> copy("ways", "2")).getMessage();
    assertTrue(w.contains("--ways is 2: expected 1 for 'copy'"), w);
    String l =
        assertThrows(
                ConfigException.class, () -> RunFixtures.config("learner", "maml", "data", "copy"))
            .getMessage();
    assertTrue(l.contains("expected a learner that answers signals; use one of"), l);
    String c =
        assertThrows(
                ConfigException.class,
                () -> RunFixtures.config("learner", "ntm", "data", "sinusoid"))
            .getMessage();
    assertTrue(c.contains("expected a learner that regresses"), c);
    RunConfig one = copy("data", "recall", "shots", "1");
    String s =
        assertThrows(
                ConfigException.class,
                () -> {
                  try (Session session = open(one)) {
                    session.checked();
                  }
                })
            .getMessage();
    assertTrue(s.contains("expected items of at least 2"), s);
  }
}
