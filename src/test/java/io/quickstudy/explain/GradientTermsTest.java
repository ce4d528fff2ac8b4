package io.quickstudy.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.explain.Explanation.Arithmetic;
import io.quickstudy.explain.GradientTerms.Expansion;
import io.quickstudy.run.RunConfig;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.train.Beginning;
import io.quickstudy.train.RunFixtures;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That what the expansions leave over is O(alpha^2), on tasks of the data. */
class GradientTermsTest {
  private static final String SMOOTH = SmoothNet.class.getName();

  private static GradientTerms terms(RunConfig c, int tasks, Arithmetic arithmetic) {
    try (Session s = RunFixtures.session(c)) {
      return Explanation.gradients(s, Beginning.theta(s, TrainListener.NONE), tasks, arithmetic);
    }
  }

  private static RunConfig smoothWaves() {
    return RunFixtures.sinusoid("model", SMOOTH, "features", "12");
  }

  /** The equations, over five decades of rates: curves in double precision. */
  @Test
  void ofASmoothNetworkTheSlopeIsTwo() {
    GradientTerms t = terms(smoothWaves(), 6, Arithmetic.DOUBLE);
    assertEquals(3, t.expansions().size());
    for (Expansion e : t.expansions()) {
      assertEquals(2, e.slope(), 0.01, e.method()::title);
      assertTrue(e.kink().isEmpty(), e.method()::title);
      int decades = 0;
      for (int i = 2; i < e.rates().length; i++) {
        // neighbours two apart are a factor of 10
        if (e.misfits()[i - 2] > 100 * t.rounding() && e.misfits()[i] < 1e-3) {
          assertEquals(2, Math.log10(e.misfits()[i] / e.misfits()[i - 2]), 0.05, e.method()::title);
          decades++;
        }
      }
      assertTrue(decades >= 8, decades + " pairs");
      assertTrue(e.holds() > 0 && e.holds() < e.rates()[e.rates().length - 1]);
    }
    assertTrue(t.rounding() < 1e-13, t::toString);
    double own = t.own().orElseThrow().rate();
    assertEquals(0.01, own);
    assertEquals(2 * own * t.b() / t.a(), t.own().get().second(), 1e-12);
    assertEquals(t.scale(), t.a() / (2 * t.b()), 1e-12 * t.scale());
  }

  /** Episodes of images, with cross entropy and mini-batches of other sizes. */
  @Test
  void ofImagesTheSlopeIsTwo() {
    RunConfig c =
        RunFixtures.config(
            "learner",
            "maml",
            "data",
            "glyphs",
            "size",
            "8",
            "ways",
            "3",
            "eval-ways",
            "3",
            "queries",
            "2",
            "model",
            SMOOTH,
            "features",
            "6");
    GradientTerms t = terms(c, 4, Arithmetic.DOUBLE);
    for (Expansion e : t.expansions()) {
      assertEquals(2, e.slope(), 0.02, e.method()::title);
    }
  }

  /** In 32 bits the same terms, and a slope as near to 2 as roundings let it be. */
  @Test
  void theDeviceAgrees() {
    GradientTerms exact = terms(smoothWaves(), 6, Arithmetic.DOUBLE);
    GradientTerms t = terms(smoothWaves(), 6, Arithmetic.DEVICE);
    assertEquals(exact.a(), t.a(), 1e-5 * exact.a());
    assertEquals(exact.b(), t.b(), 1e-4 * exact.b());
    assertEquals(exact.cosine(), t.cosine(), 1e-5);
    assertTrue(t.rounding() > 1e-9 && t.rounding() < 1e-5, t::toString);
    for (int i = 0; i < 3; i++) {
      Expansion e = t.expansions().get(i);
      assertEquals(2, e.slope(), 0.1, e.method()::title);
      assertEquals(exact.expansions().get(i).holds(), e.holds(), 1e-3 * e.holds());
    }
  }

  /**
   * A network of ReLU has gradients that jump where a step crosses a kink. Steps so small that they
   * cross none leave O(alpha^2) over, as everywhere else; larger ones more.
   */
  @Test
  void kinksAreSeenAndBelowThemTheSlopeIsTwo() {
    GradientTerms t = terms(RunFixtures.sinusoid("hidden", "20,20"), 6, Arithmetic.DOUBLE);
    for (Expansion e : t.expansions()) {
      assertEquals(2, e.slope(), 0.05, e.method()::title);
      assertTrue(e.kink().isPresent(), e.method()::title);
      double kink = e.kink().getAsDouble();
      assertTrue(kink > 0 && kink < t.scale(), () -> "kink at " + kink);
    }
    assertTrue(String.join("\n", GradientWords.text(t)).contains("steps cross kinks"));
  }

  @Test
  void aSlopeIsThatOfMisfitsThatTellSomething() {
    double[] rates = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1};
    double[] squares = Arrays.stream(rates).map(r -> r * r).toArray();
    assertEquals(2, GradientMeasurement.slope(rates, squares, 1e-16), 1e-9);
    double[] floored = Arrays.stream(squares).map(s -> Math.max(s, 1e-7)).toArray();
    assertTrue(Double.isNaN(GradientMeasurement.slope(rates, floored, 1e-4)), "all rounding");
    assertEquals(2, GradientMeasurement.slope(rates, floored, 1e-8), 1e-9);
  }

  @Test
  void otherLearnersAreRefusedInASentence() {
    for (RunConfig c : List.of(RunFixtures.glyphs(), RunFixtures.sequences())) {
      ConfigException e = assertThrows(ConfigException.class, () -> terms(c, 2, Arithmetic.DEVICE));
      assertTrue(
          e.getMessage().startsWith("Gradients of learner '" + c.learner() + "'"), e::toString);
    }
  }

  @Test
  void jsonHasEveryRate() {
    GradientTerms t = terms(smoothWaves(), 2, Arithmetic.DEVICE);
    Map<String, Object> json = GradientWords.json(t);
    List<?> rates = (List<?>) json.get("rates");
    Map<?, ?> maml = (Map<?, ?>) ((Map<?, ?>) json.get("methods")).get("maml");
    assertEquals(rates.size(), ((List<?>) maml.get("misfits")).size());
    assertEquals(t.a(), json.get("a"));
    assertTrue(json.containsKey("at_inner_rate"));
  }
}
