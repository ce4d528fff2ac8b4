package io.quickstudy.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.compare.Difference.Verdict;
import io.quickstudy.data.Metric;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Differences task by task. */
class DifferenceTest {
  private static final List<Double> HARD_AND_EASY = List.of(0.2, 0.9, 0.3, 0.8);

  @Test
  void whatMakesATaskHardDropsOut() {
    Difference d =
        Difference.between(Metric.ACCURACY, List.of(0.25, 0.95, 0.35, 0.83), HARD_AND_EASY);
    assertEquals(0.045, d.mean(), 1e-12);
    // the differences are 0.05 three times and 0.03: their variance is 0.0001
    assertEquals(1.96 * Math.sqrt(1e-4 / 4), d.ci95(), 1e-12);
    assertEquals(List.of(4, 0, 0), List.of(d.better(), d.worse(), d.same()));
    assertEquals((1 - 0.595) / (1 - 0.55), d.errorRatio().orElseThrow(), 1e-12);
    assertEquals(Verdict.BETTER, d.verdict(Metric.ACCURACY));
  }

  @Test
  void ofErrorsTheSmallerAreBetter() {
    Difference d = Difference.between(Metric.MSE, List.of(0.1, 0.8, 0.3, 0.7), HARD_AND_EASY);
    assertEquals(-0.075, d.mean(), 1e-12);
    assertEquals(List.of(3, 0, 1), List.of(d.better(), d.worse(), d.same()));
    assertEquals(1.9 / 2.2, d.errorRatio().orElseThrow(), 1e-12);
    assertEquals(Verdict.BETTER, d.verdict(Metric.MSE));
    Difference back = Difference.between(Metric.MSE, HARD_AND_EASY, List.of(0.1, 0.8, 0.3, 0.7));
    assertEquals(Verdict.WORSE, back.verdict(Metric.MSE));
  }

  @Test
  void ofTheSameNothingIsSaid() {
    Difference d = Difference.between(Metric.ACCURACY, HARD_AND_EASY, HARD_AND_EASY);
    assertEquals(0, d.mean());
    assertEquals(0, d.ci95());
    assertEquals(4, d.same());
    assertEquals(Verdict.OPEN, d.verdict(Metric.ACCURACY));
  }

  @Test
  void oneTaskAndNoErrorsHaveNoIntervalAndNoRatio() {
    Difference d = Difference.between(Metric.ACCURACY, List.of(0.9), List.of(1.0));
    assertTrue(Double.isNaN(d.ci95()));
    assertEquals(Verdict.OPEN, d.verdict(Metric.ACCURACY));
    assertTrue(d.errorRatio().isEmpty());
    assertThrows(
        IllegalArgumentException.class,
        () -> Difference.between(Metric.ACCURACY, List.of(0.9), List.of(1.0, 1.0)));
  }
}
