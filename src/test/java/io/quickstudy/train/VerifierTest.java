package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Split;
import io.quickstudy.data.sampling.PairSampler;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Judging pairs of test classes, and pairs that cannot be drawn. */
class VerifierTest {
  @TempDir private Path temporary;

  private static RunConfig siamese(String... values) {
    Map<String, String> m = RunFixtures.map("learner", "siamese", "shots", "16");
    m.putAll(RunFixtures.map(values));
    return RunFixtures.glyphs(
        m.entrySet().stream()
            .flatMap(e -> java.util.stream.Stream.of(e.getKey(), e.getValue()))
            .toArray(String[]::new));
  }

  @Test
  void aTrainedOneJudgesPairsOfNewClasses() {
    RunConfig c = siamese("steps", "60");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(temporary.resolve("run"), c));
    Verification v = e.verification().orElseThrow();
    assertEquals(Verifier.PAIRS * c.evaluation().evalEpisodes(), v.pairs());
    assertTrue(v.value() > 0.6, "half by chance: " + v);
    assertTrue(v.ci95() > 0 && v.ci95() < 0.05, v.toString());
    Map<String, Object> json = Results.json(c, "run", 60, e);
    assertEquals(v.value(), json.get("verification"));
    assertEquals(v.ci95(), json.get("verification_ci95"));
    assertEquals(v.pairs(), json.get("verification_pairs"));
    assertEquals(v.value(), Results.logged(60, e).get("verification"));
    assertTrue(Results.text(c, e).contains("  verification: " + v.summary()));
  }

  @Test
  void onlyLearnersOfPairsAreAsked() {
    RunConfig c = RunFixtures.glyphs("queries", "2", "steps", "0");
    Evaluation e = RunFixtures.measure(c, RunFixtures.train(temporary.resolve("run"), c));
    assertTrue(e.verification().isEmpty());
    assertTrue(!Results.json(c, "run", 0, e).containsKey("verification"));
  }

  /** Classes with so many images each. */
  private static ImageSet set(int... counts) {
    Map<String, List<byte[]>> images = new TreeMap<>();
    for (int c = 0; c < counts.length; c++) {
      List<byte[]> of = new ArrayList<>();
      for (int i = 0; i < counts[c]; i++) {
        byte[] image = new byte[14 * 14];
        image[c] = (byte) (100 + i);
        of.add(image);
      }
      images.put("class" + c, of);
    }
    return ImageSet.of("few", 14, 14, 1, images);
  }

  @Test
  void pairsThatCannotBeDrawnAreASentence() {
    IllegalArgumentException one =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new PairSampler(set(5, 5), new int[] {1}, io.quickstudy.data.Rotations.NONE, 4, 0));
    assertEquals(
        "2 ways from 1 class of 'few': expected at most 1; add classes, since pairs are of two.",
        one.getMessage());
    IllegalArgumentException single =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new PairSampler(
                    set(5, 1), new int[] {0, 1}, io.quickstudy.data.Rotations.NONE, 4, 0));
    assertEquals(
        "Class 'class1' of 'few' has 1 example: a pair needs 2; leave the class out.",
        single.getMessage());
  }

  @Test
  void aRunRefusesThemBeforeItTrains() {
    RunConfig c =
        siamese("rotations", "none", "eval-ways", "1", "eval-queries", "2", "split", "random");
    ImageSet four = set(6, 6, 6, 6);
    int[] test = Split.randomTrainAndTest(four, 0).classes(Split.Part.TEST);
    assertEquals(1, test.length, "one class to test on");
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> {
              try (Session s = RunFixtures.session(c, four)) {
                s.checked();
              }
            });
    assertEquals(
        "The test classes of split 'random': 2 ways from 1 class of 'few': expected at most 1; add"
            + " classes, since pairs are of two.",
        e.getMessage());
  }
}
