package io.quickstudy.functions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.cpu.CpuCandidate;
import io.quickstudy.backend.cuda.CudaCandidate;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Product;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.suite.Candidate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Factors and systems of ill-conditioned matrices, of every size up to 64 and some beyond. */
class FactorsTest {
  private static final double CONDITION = 1e5;
  private static final int RIGHT = 3;

  /** Of 32 bits. */
  private static final double ROUNDING = Math.scalb(1.0, -24);

  private static List<Integer> sizes() {
    List<Integer> all = new ArrayList<>(IntStream.rangeClosed(1, 64).boxed().toList());
    all.addAll(List.of(65, 96, 97, 128, 150));
    return all;
  }

  /**
   * A matrix with eigenvalues from 1 to 1 / {@link #CONDITION}, by reflections of a diagonal one,
   * symmetric to the bit.
   */
  private static float[] illConditioned(int n, SplittableRandom r) {
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      a[i][i] = n == 1 ? 1 : Math.pow(CONDITION, -(double) i / (n - 1));
    }
    for (int k = 0; k < 3; k++) {
      double[] v = r.doubles(n, -1, 1).toArray();
      double vv = 0;
      for (double x : v) {
        vv += x * x;
      }
      for (int side = 0; side < 2; side++) {
        double[][] b = new double[n][n];
        for (int j = 0; j < n; j++) {
          double s = 0;
          for (int i = 0; i < n; i++) {
            s += v[i] * a[i][j];
          }
          for (int i = 0; i < n; i++) {
            b[j][i] = a[i][j] - 2 * v[i] * s / vv;
          }
        }
        a = b;
      }
    }
    float[] out = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        out[i * n + j] = (float) a[Math.max(i, j)][Math.min(i, j)];
      }
    }
    return out;
  }

  /** A X = B of one size, for two matrices. */
  private record Systems(int n, Tensor a, Tensor b, double[] matrix, double[] right) {
    static Systems of(int n) {
      SplittableRandom r = new SplittableRandom(n);
      double[] m = new double[2 * n * n];
      for (int k = 0; k < 2; k++) {
        float[] one = illConditioned(n, r);
        for (int i = 0; i < n * n; i++) {
          m[k * n * n + i] = one[i];
        }
      }
      double[] b = r.doubles(2L * n * RIGHT, -1, 1).map(x -> (float) x).toArray();
      Tensor ta = Tensor.argument("a" + n, DType.F32, Shape.of(2, n, n));
      return new Systems(n, ta, Tensor.argument("b" + n, DType.F32, Shape.of(2, n, RIGHT)), m, b);
    }

    List<Tensor> outputs() {
      Tensor l = Ops.cholesky(a);
      Tensor y = Ops.triangularSolve(l, b, Product.Form.PLAIN);
      return List.of(l, Ops.triangularSolve(l, y, Product.Form.TRANSPOSED));
    }

    /** How far L L' is from A and A X from B, in roundings, and X from the reference's. */
    void near(String what, double[] l, double[] x, double[] expected) {
      for (int k = 0; k < 2; k++) {
        double largest = 0;
        double off = 0;
        for (int i = 0; i < n * RIGHT; i++) {
          largest = Math.max(largest, Math.abs(expected[k * n * RIGHT + i]));
          off = Math.max(off, Math.abs(x[k * n * RIGHT + i] - expected[k * n * RIGHT + i]));
        }
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            double s = matrix[(k * n + i) * n + j];
            for (int q = 0; q < n; q++) {
              s -= l[(k * n + i) * n + q] * l[(k * n + j) * n + q];
            }
            // sums of n products, each of them at most the geometric mean of two diagonal elements
            double size = Math.sqrt(matrix[(k * n + i) * n + i] * matrix[(k * n + j) * n + j]);
            assertTrue(
                Math.abs(s) <= (n + 4) * ROUNDING * size, what + ": L L' of " + n + ": " + s);
          }
          for (int j = 0; j < RIGHT; j++) {
            double s = right[(k * n + i) * RIGHT + j];
            for (int q = 0; q < n; q++) {
              s -= matrix[(k * n + i) * n + q] * x[(k * n + q) * RIGHT + j];
            }
            double bound = (n + 8) * ROUNDING * largest;
            assertTrue(Math.abs(s) <= bound, what + ": A X - B of " + n + ": " + s + " > " + bound);
          }
        }
        double bound = CONDITION * (n + 8) * ROUNDING * largest;
        assertTrue(off <= bound, what + ": X of " + n + ": " + off + " > " + bound);
      }
    }
  }

  private static void areNear(Candidate candidate) {
    List<Systems> systems = sizes().stream().map(Systems::of).toList();
    for (int from = 0; from < systems.size(); from += 16) {
      List<Systems> some = systems.subList(from, Math.min(systems.size(), from + 16));
      Map<Tensor, double[]> arguments = new LinkedHashMap<>();
      List<Tensor> outputs = new ArrayList<>();
      for (Systems s : some) {
        arguments.put(s.a(), s.matrix());
        arguments.put(s.b(), s.right());
        outputs.addAll(s.outputs());
      }
      List<double[]> found = candidate.run(outputs, arguments);
      Map<Tensor, double[]> expected = Reference.eval(outputs, arguments);
      for (int i = 0; i < some.size(); i++) {
        double[] x = expected.get(outputs.get(2 * i + 1));
        some.get(i).near(candidate.name(), found.get(2 * i), found.get(2 * i + 1), x);
      }
    }
  }

  @Test
  @Tag("cpu")
  void onTheCpuTheyAreWithinRounding() {
    areNear(new CpuCandidate(1));
  }

  @Test
  @Tag("cuda")
  void onCudaTheyAreWithinRounding() {
    CudaCandidate.FP32.forEach(FactorsTest::areNear);
  }

  /** Each chunk of the tasks at its own time. */
  @Test
  @Tag("cuda")
  void inChunksTheTaskIsCountedFromTheFirst() {
    refused(1, 0);
    refused(130, 100); // in the second panel
  }

  /** The second matrix of task 4 of 6 is -1 at a place of its diagonal. */
  private static void refused(int n, int place) {
    Tensor a = Tensor.argument("a", DType.F32, Shape.of(6, 2, n, n));
    double[] numbers = new double[12 * n * n];
    for (int i = 0; i < 12 * n; i++) {
      numbers[i * n + i % n] = 4;
    }
    numbers[(7 * n + place) * n + place] = -1;
    for (int size : new int[] {1, 2, 3}) {
      for (Candidate c : CudaCandidate.inChunksOf(size, 6)) {
        String said =
            assertThrows(
                    BackendException.class,
                    () -> c.run(List.of(Ops.cholesky(a)), Map.of(a, numbers)))
                .getMessage();
        String matrix = "The matrix [%s, %s] of task 4 is not positive".formatted(n, n);
        assertTrue(said.contains(matrix), said);
      }
    }
  }

  @Test
  void theReferenceRefusesAsWell() {
    Tensor a = Ops.literal(Shape.of(2, 2), 1, 2, 2, 1);
    assertEquals(
        "The matrix [2, 2] is not positive definite: expected one that is; raise what is added to"
            + " its diagonal.",
        assertThrows(IllegalArgumentException.class, () -> Reference.eval(Ops.cholesky(a)))
            .getMessage());
    Tensor none = Ops.literal(Shape.of(1, 1), Double.NaN);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> Reference.eval(Ops.cholesky(none)))
            .getMessage()
            .contains("holds no numbers"));
  }
}
