package io.quickstudy.learners.closed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.backend.cuda.CudaCandidate;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.Candidate;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The dual problem against pairs of coordinates in turn, in double precision. */
class CrammerSingerTest {
  private static final double TOLERANCE = 1e-4;
  private static final int STEPS = 15;

  /** Of 32 bits, in the objective, beside the tolerance. */
  private static final double ROUNDING = 1e-4;

  /**
   * A problem.
   *
   * @param size what features, of norms near the root of d, are times
   * @param ridge on the kernel's diagonal
   */
  record Problem(int ways, int shots, int d, double size, double cost, double ridge) {
    int n() {
      return ways * shots;
    }

    double[][] kernel() {
      double[][] centres = Heads.numbers(7, ways, d);
      double[][] x = Heads.numbers(8, n(), d);
      for (int i = 0; i < n(); i++) {
        for (int j = 0; j < d; j++) {
          x[i][j] = size * (x[i][j] + centres[i % ways][j]);
        }
      }
      double[][] k = Heads.product(x, Heads.transposed(x));
      for (int i = 0; i < n(); i++) {
        k[i][i] += ridge;
      }
      return k;
    }

    /** 1 where an example is of a class: [ways, n]. */
    double[][] labels() {
      double[][] y = new double[ways][n()];
      for (int i = 0; i < n(); i++) {
        y[i % ways][i] = 1;
      }
      return y;
    }

    /** What the tolerance is relative to. */
    double tau() {
      double[][] k = kernel();
      double trace = 0;
      for (int i = 0; i < n(); i++) {
        trace += k[i][i];
      }
      return 1 / (1 / cost + trace / n());
    }

    /** sum_m alpha_m' K alpha_m / 2 - sum_i alpha^{y_i}_i. */
    double objective(double[][] alpha) {
      double[][] ka = Heads.product(alpha, kernel());
      double f = 0;
      for (int m = 0; m < ways; m++) {
        f += Heads.dot(alpha[m], ka[m]) / 2 - Heads.dot(alpha[m], labels()[m]);
      }
      return f;
    }

    Tensor alpha(double tolerance, int steps) {
      Tensor k = Heads.matrix(kernel());
      return new CrammerSinger(k, Heads.matrix(labels()), cost, tolerance).solve(steps);
    }
  }

  /**
   * As many shots as features and more, bounds that hold and bounds that do not, large and small.
   */
  static Stream<Problem> problems() {
    return Stream.of(
        new Problem(5, 1, 64, 1, 0.1, 1),
        new Problem(5, 5, 64, 1, 0.1, 1),
        new Problem(5, 5, 64, 0.125, 5, 0.02),
        new Problem(5, 5, 4, 1, 0.1, 0.01),
        new Problem(3, 8, 6, 3, 10, 0.01),
        new Problem(2, 5, 30, 1, 100, 0.01),
        new Problem(12, 1, 16, 0.05, 0.1, 1),
        new Problem(4, 3, 16, 20, 0.1, 1));
  }

  /**
   * For each example in turn, its two classes that violate the conditions most are moved against
   * each other to the best place, until none does.
   */
  private static double[][] byPairs(Problem p) {
    double[][] k = p.kernel();
    double[][] y = p.labels();
    double[][] alpha = new double[p.ways()][p.n()];
    double[][] g = new double[p.ways()][p.n()]; // K alpha - Y
    for (int m = 0; m < p.ways(); m++) {
      for (int i = 0; i < p.n(); i++) {
        g[m][i] = -y[m][i];
      }
    }
    double worst = 1;
    for (int sweep = 0; worst > 1e-11; sweep++) {
      assertTrue(sweep < 200_000, "pairs of coordinates do not end: " + worst);
      worst = 0;
      for (int i = 0; i < p.n(); i++) {
        int up = -1;
        int down = 0;
        for (int m = 0; m < p.ways(); m++) {
          boolean free = alpha[m][i] < p.cost() * y[m][i];
          up = free && (up < 0 || g[m][i] < g[up][i]) ? m : up;
          down = g[m][i] > g[down][i] ? m : down;
        }
        if (up < 0 || g[down][i] - g[up][i] <= worst * 1e-3) {
          continue;
        }
        worst = Math.max(worst, g[down][i] - g[up][i]);
        double room = p.cost() * y[up][i] - alpha[up][i];
        double step = Math.min(room, (g[down][i] - g[up][i]) / (2 * k[i][i]));
        alpha[up][i] = step == room ? p.cost() * y[up][i] : alpha[up][i] + step;
        alpha[down][i] -= step;
        for (int j = 0; j < p.n(); j++) {
          g[up][j] += step * k[i][j];
          g[down][j] -= step * k[i][j];
        }
      }
    }
    return alpha;
  }

  private static void feasible(Problem p, double[][] alpha, double rounding) {
    for (int i = 0; i < p.n(); i++) {
      double sum = 0;
      for (int m = 0; m < p.ways(); m++) {
        assertTrue(alpha[m][i] <= p.cost() * p.labels()[m][i] + rounding, "bound of " + i);
        sum += alpha[m][i];
      }
      assertEquals(0, sum, rounding, "sum of " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("problems")
  void itsObjectiveIsWithinTheTolerance(Problem p) {
    double[][] found = Heads.rows(p.alpha(TOLERANCE, STEPS));
    feasible(p, found, 1e-12 * p.cost());
    double above = (p.objective(found) - p.objective(byPairs(p))) / (p.n() * p.tau());
    assertTrue(above > -1e-9 && above <= TOLERANCE, "the objective is above the least by " + above);
  }

  @ParameterizedTest
  @MethodSource("problems")
  void itsSolutionIsThatOfPairs(Problem p) {
    double[][] found = Heads.rows(p.alpha(1e-9, 25));
    double[][] pairs = byPairs(p);
    for (int m = 0; m < p.ways(); m++) {
      for (int i = 0; i < p.n(); i++) {
        assertEquals(pairs[m][i], found[m][i], 1e-3 * p.tau(), m + ", " + i);
      }
    }
  }

  @Test
  void oneExampleOfEachOfTwoClassesIsWorkedOutByHand() {
    // two orthogonal examples of norm 2: w_1 = -w_2, and alpha = 1 / (2 K) below the bound
    double[][] k = {{4, 0}, {0, 4}};
    double[][] y = {{1, 0}, {0, 1}};
    Tensor alpha = new CrammerSinger(Heads.matrix(k), Heads.matrix(y), 1, 1e-10).solve(25);
    double[] found = Reference.eval(alpha);
    double[] expected = {0.125, -0.125, -0.125, 0.125};
    for (int i = 0; i < 4; i++) {
      assertEquals(expected[i], found[i], 1e-6);
    }
  }

  @Test
  @Tag("cpu")
  void in32BitsItIsWithinTheTolerance() {
    near(new CpuCandidate(1));
  }

  @Test
  @Tag("cuda")
  void onCudaItIsWithinTheTolerance() {
    CudaCandidate.FP32.forEach(CrammerSingerTest::near);
  }

  private static void near(Candidate candidate) {
    problems()
        .forEach(
            p -> {
              Tensor alpha = p.alpha(TOLERANCE, STEPS);
              double[] flat = candidate.run(List.of(alpha), Map.of()).getFirst();
              double[][] found = new double[p.ways()][p.n()];
              for (int i = 0; i < flat.length; i++) {
                found[i / p.n()][i % p.n()] = flat[i];
              }
              feasible(p, found, 1e-5 * p.cost());
              double above = (p.objective(found) - p.objective(byPairs(p))) / (p.n() * p.tau());
              assertTrue(
                  Math.abs(above) <= TOLERANCE + ROUNDING, candidate.name() + ", " + p + above);
            });
  }
}
