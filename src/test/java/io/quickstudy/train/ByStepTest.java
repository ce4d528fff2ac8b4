package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.run.Overrides;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Classification measured after 0, 1, ... inner steps. */
class ByStepTest {
  @TempDir private Path temporary;

  private static Evaluation measure(
      RunConfig c, Trainer.Result r, Evaluator.Detail detail, String... changes) {
    RunConfig by = Overrides.measure(c, RunFixtures.map(changes));
    try (Session session = RunFixtures.session(by);
        Evaluator e = new Evaluator(session, EvalSpec.test(by), r.theta(), detail)) {
      return e.measure(r.theta(), TrainListener.NONE);
    }
  }

  /** Each is what measuring after so many steps says, and the last is the result. */
  @Test
  void accuraciesByStepAreThoseOfSoManySteps() {
    for (String norm : List.of("transductive", "support")) {
      RunConfig c =
          RunFixtures.glyphs(
              "learner", "maml", "ways", "5", "steps", "3", "meta-batch", "4", "batch-norm", norm);
      Trainer.Result r = RunFixtures.train(temporary.resolve(norm), c);
      Evaluation by = measure(c, r, Evaluator.Detail.BY_STEP, "eval-inner-steps", "3");
      assertEquals(3, by.byStep().size());
      assertEquals(4, by.losses().size());
      assertEquals(by.value(), by.byStep().getLast());
      for (int k = 0; k <= 3; k++) {
        Evaluation alone =
            measure(c, r, Evaluator.Detail.RESULT, "eval-inner-steps", Integer.toString(k));
        assertEquals(alone.value(), k == 0 ? by.before() : by.byStep().get(k - 1));
        assertTrue(Double.isNaN(alone.before()) && alone.losses().isEmpty(), alone::toString);
      }
      assertTrue(by.losses().getLast() < by.losses().getFirst(), by::toString);
      Map<String, Object> json = Results.json(c, "r", r.step(), by);
      assertEquals(by.byStep(), json.get("by_step"));
      assertEquals(by.losses().subList(1, 4), json.get("loss_by_step"));
      String text = String.join("\n", Results.text(c, by));
      assertTrue(text.contains("  by step in %: "), text);
      assertEquals(by.byStep(), Results.logged(r.step(), by).get("by_step"));
    }
  }

  @Test
  void aLearnerWithoutStepsIsRefused() {
    RunConfig c = RunFixtures.glyphs("steps", "1");
    Trainer.Result r = RunFixtures.train(temporary.resolve("r"), c);
    ConfigException e =
        assertThrows(ConfigException.class, () -> measure(c, r, Evaluator.Detail.BY_STEP));
    assertTrue(e.getMessage().startsWith("Option --by-step for learner 'protonet'"), e::toString);
  }
}
