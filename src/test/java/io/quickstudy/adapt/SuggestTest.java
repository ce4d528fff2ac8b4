package io.quickstudy.adapt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which images to label next: by hand, and against chance. */
class SuggestTest {
  private static final double CLOSE = 1e-12;

  @Test
  void doubtsByHand() {
    assertEquals(Math.log(4), Doubt.entropy(new double[] {0.25, 0.25, 0.25, 0.25}), CLOSE);
    assertEquals(0, Doubt.entropy(new double[] {0, 1, 0}));
    assertEquals(-0.5 * Math.log(0.5) * 2, Doubt.entropy(new double[] {0.5, 0.5, 0}), CLOSE);
    assertEquals(1 - (0.6 - 0.3), Doubt.margin(new double[] {0.1, 0.3, 0.6}), CLOSE);
    assertEquals(1, Doubt.margin(new double[] {0.5, 0.5}));
    assertEquals(0, Doubt.margin(new double[] {0, 1, 0}));
    double[][] agree = {{0.5, 0.5}, {0.5, 0.5}};
    assertEquals(0, Doubt.disagreement(agree), CLOSE);
    double[][] sureOfOthers = {{1, 0}, {0, 1}};
    assertEquals(Math.log(2), Doubt.disagreement(sureOfOthers), CLOSE);
    double[][] some = {{0.9, 0.1}, {0.5, 0.5}};
    double mean = -0.7 * Math.log(0.7) - 0.3 * Math.log(0.3);
    double first = -0.9 * Math.log(0.9) - 0.1 * Math.log(0.1);
    assertEquals(mean - (first + Math.log(2)) / 2, Doubt.disagreement(some), CLOSE);
  }

  private static List<Suggestion> scores(double... scores) {
    Prediction p = new Prediction("a", 1, Map.of("a", 1.0));
    return IntStream.range(0, scores.length)
        .mapToObj(i -> new Suggestion(i, scores[i], p))
        .toList();
  }

  private static List<Integer> places(List<Suggestion> chosen) {
    return chosen.stream().map(Suggestion::index).toList();
  }

  @Test
  void theLeastSureAreChosenAndNotTwiceTheSame() {
    List<Suggestion> all = scores(0.2, 0.9, 0.5, 0.9, 0.8);
    assertEquals(List.of(1, 3, 4), places(Suggestion.choose(all, List.of(), 3)));
    assertEquals(5, Suggestion.choose(all, List.of(), 9).size(), "all there are");
    // 1 and 3 are the same image; 4 is near them and 0 far away
    List<float[]> features =
        List.of(
            new float[] {10, 0},
            new float[] {0, 0},
            new float[] {0, 2},
            new float[] {0, 0},
            new float[] {0.1f, 0});
    // 0.2 * 10, 0.5 * 2, 0.8 * 0.1 and 0.9 * 0 to the first; then 0.5 * 2
    assertEquals(List.of(1, 0, 2, 4, 3), places(Suggestion.choose(all, features, 5)));
    assertThrows(
        IllegalArgumentException.class, () -> Suggestion.choose(all, features.subList(0, 2), 2));
    assertEquals(List.of(), Suggestion.choose(List.of(), List.of(), 2));
  }

  /** Characters with one labelled image each, a pool of others, and the rest to be classified. */
  private static final class Drawn {
    private static final int WAYS = 8;
    private static final int POOL = 8;
    private static final int HANDS = 20;

    final List<int[]> pool = new ArrayList<>();
    final List<int[]> queries = new ArrayList<>();
    private final int task;

    Drawn(int task) {
      this.task = task;
      for (int c = 0; c < WAYS; c++) {
        for (int k = 1; k < HANDS; k++) {
          (k <= POOL ? pool : queries).add(new int[] {c, (k + task) % HANDS});
        }
      }
    }

    Image image(int[] of) {
      return Runs.image(of[0] + task, of[1]);
    }

    /** With one image of each class and these of the pool labelled. */
    Classifier adapted(Adapter adapter, List<int[]> more) {
      Support.Builder b = Support.builder();
      for (int c = 0; c < WAYS; c++) {
        b.add("c" + c, image(new int[] {c, task % HANDS}));
      }
      more.forEach(m -> b.add("c" + m[0], image(m)));
      return adapter.adapt(b.build());
    }

    double accuracy(Classifier c) {
      List<Prediction> said = c.predict(queries.stream().map(this::image).toList());
      int right = 0;
      for (int i = 0; i < said.size(); i++) {
        right += said.get(i).label().equals("c" + queries.get(i)[0]) ? 1 : 0;
      }
      return (double) right / said.size();
    }
  }

  @Test
  void suggestedLabelsAreWorthMoreThanOthers() {
    int n = 8;
    int tasks = 40;
    int draws = 4;
    double before = 0;
    double chance = 0;
    double[] suggested = new double[2];
    List<Doubt> by = List.of(Doubt.ENTROPY, Doubt.MARGIN);
    RandomStream random = new RandomStream(5, RandomUse.NOISE, 0);
    try (Adapter adapter = Adapter.load(Runs.protonet(), AdaptOptions.usual().device("cpu"))) {
      assertTrue(adapter.apart());
      for (int task = 0; task < tasks; task++) {
        Drawn d = new Drawn(task);
        Classifier first = d.adapted(adapter, List.of());
        before += d.accuracy(first) / tasks;
        for (int draw = 0; draw < draws; draw++) {
          List<int[]> shuffled = new ArrayList<>(d.pool);
          for (int i = shuffled.size() - 1; i > 0; i--) {
            Collections.swap(shuffled, i, random.nextInt(i + 1));
          }
          chance += d.accuracy(d.adapted(adapter, shuffled.subList(0, n))) / (tasks * draws);
        }
        List<Image> images = d.pool.stream().map(d::image).toList();
        for (int k = 0; k < by.size(); k++) {
          List<int[]> more =
              first.suggest(images, n, by.get(k)).stream().map(s -> d.pool.get(s.index())).toList();
          suggested[k] += d.accuracy(d.adapted(adapter, more)) / tasks;
        }
      }
    }
    String found =
        "%s before, %s by chance, %s, %s".formatted(before, chance, suggested[0], suggested[1]);
    assertTrue(chance > before, found);
    assertTrue(suggested[0] > chance + 0.015, found);
    assertTrue(suggested[1] > chance + 0.015, found);
  }

  @Test
  void modelsDisagreeWhereThereAreSeveral() {
    try (Adapter one = Adapter.load(Runs.protonet(), AdaptOptions.usual().device("cpu"))) {
      Classifier c = one.adapt(Runs.support(1, 1));
      List<Image> images = List.of(Runs.image(2, 3));
      String said =
          assertThrows(
                  UnsupportedOperationException.class,
                  () -> c.suggest(images, 1, Doubt.DISAGREEMENT))
              .getMessage();
      assertTrue(said.contains("such as versa"), said);
      assertEquals(List.of(), c.suggest(List.of(), 3, Doubt.ENTROPY));
      assertEquals(
          c.predict(images).getFirst(),
          c.suggest(images, 3, Doubt.ENTROPY).getFirst().prediction());
    }
    try (Adapter several =
        Adapter.load(
            Runs.glyphs("versa", "learner", "versa", "ways", "5", "steps", "3", "filters", "8"),
            AdaptOptions.usual().device("cpu"))) {
      Classifier c = several.adapt(Runs.support(1, 1, 1));
      List<Image> images = new ArrayList<>();
      for (int k = 0; k < 3; k++) {
        images.add(Runs.image(k, 5));
      }
      List<Suggestion> found = c.doubts(images, Doubt.DISAGREEMENT);
      assertEquals(3, found.size());
      double entropy =
          c.doubts(images, Doubt.ENTROPY).stream().mapToDouble(Suggestion::score).sum();
      double models = found.stream().mapToDouble(Suggestion::score).sum();
      assertTrue(models > 0 && models < entropy, models + " of " + entropy);
    }
  }
}
