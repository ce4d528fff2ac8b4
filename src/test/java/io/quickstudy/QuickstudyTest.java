package io.quickstudy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.TrainListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training and measuring from Java. */
class QuickstudyTest {
  private static final Map<String, String> TINY =
      Map.of(
          "data",
          "sinusoid",
          "meta-batch",
          "4",
          "eval-episodes",
          "20",
          "eval-every",
          "0",
          "device",
          "cpu",
          "workers",
          "1");

  @TempDir private Path temporary;

  private static RunConfig config(String steps, String rate) {
    Map<String, String> m = new HashMap<>(TINY);
    m.put("steps", steps);
    m.put("rate", rate);
    return Quickstudy.config(Maml.KIND, m);
  }

  private static byte[] parameters(Path run) throws IOException {
    return Files.readAllBytes(run.resolve("checkpoints/step-0000006.safetensors"));
  }

  @Test
  void aRunGoesOnToTheSameBitsAndIsMeasuredAgain() throws IOException {
    Path whole = temporary.resolve("whole");
    Path parted = temporary.resolve("parted");
    Evaluation e = Quickstudy.train(config("6", "0.01"), whole, TrainListener.NONE);
    Quickstudy.train(config("3", "0.01"), parted, TrainListener.NONE);
    List<Integer> steps = new ArrayList<>();
    TrainListener counter =
        new TrainListener() {
          @Override
          public void step(Progress p) {
            steps.add(p.step());
          }
        };
    Evaluation same = Quickstudy.train(config("6", "0.01"), parted, counter);
    assertEquals(List.of(4, 5, 6), steps);
    assertArrayEquals(parameters(whole), parameters(parted));
    assertEquals(e.value(), same.value());
    assertEquals(e.value(), Quickstudy.evaluate(whole).value());
    Map<String, String> fewer = Map.of("eval-episodes", "10");
    assertEquals(10, Quickstudy.evaluate(whole, fewer, TrainListener.NONE).spec().episodes());

    ConfigException other =
        assertThrows(
            ConfigException.class,
            () -> Quickstudy.train(config("6", "0.5"), whole, TrainListener.NONE));
    assertTrue(
        other.getMessage().startsWith("Option --rate is 0.5: expected 0.01, with which"),
        other.getMessage());
  }

  @Test
  void aLearnerIsFoundAgainByItsName() {
    LearnerKind<?> changed = Maml.KIND.about("another one of that name");
    ConfigException e = assertThrows(ConfigException.class, () -> Quickstudy.config(changed, TINY));
    assertTrue(e.getMessage().startsWith("Learner 'maml' is not the one of that name"));
    LearnerKind<?> nowhere =
        LearnerKind.of(
            QuickstudyTest.class,
            LearnerKind.NoOptions.class,
            (o, s) -> {
              throw new IllegalStateException("never built");
            });
    ConfigException none =
        assertThrows(ConfigException.class, () -> Quickstudy.config(nowhere, TINY));
    assertTrue(none.getMessage().contains("QuickstudyTest' is no learner"), none.getMessage());
  }
}
