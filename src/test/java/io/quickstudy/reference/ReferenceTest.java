package io.quickstudy.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the interpreter refuses, and the published answers of its random numbers. */
class ReferenceTest {
  /** Known answers of the authors' library Random123. */
  @Test
  void philoxKnownAnswers() {
    assertArrayEquals(
        new long[] {0x6627e8d5L, 0xe169c58dL, 0xbc57ac4cL, 0x9b00dbd8L},
        ReferencePhilox.block(new long[4], new long[2]));
    long ones = 0xffffffffL;
    assertArrayEquals(
        new long[] {0x408f276dL, 0x41c83b0eL, 0xa20bc7c6L, 0x6d5451fdL},
        ReferencePhilox.block(new long[] {ones, ones, ones, ones}, new long[] {ones, ones}));
    assertArrayEquals(
        new long[] {0xd16cfe09L, 0x94fdccebL, 0x5001e420L, 0x24126ea1L},
        ReferencePhilox.block(
            new long[] {0x243f6a88L, 0x85a308d3L, 0x13198a2eL, 0x03707344L},
            new long[] {0xa4093822L, 0x299f31d0L}));
  }

  @Test
  void indicesOutOfRangeStopTheRun() {
    Tensor x = Ops.fill(1, Shape.of(3, 2));
    for (int bad : List.of(-1, 3)) {
      Tensor k = Ops.literal(DType.I32, Shape.of(2), 0, bad);
      assertThrows(IndexOutOfBoundsException.class, () -> Reference.eval(Ops.gather(x, k, 0)));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> Reference.eval(Ops.scatterAdd(Ops.fill(1, Shape.of(2)), k, 3, 0)));
    }
  }

  @Test
  void argumentsNeedValuesOfTheirSize() {
    Tensor x = Tensor.argument("x", DType.F32, Shape.of(2));
    assertThrows(IllegalArgumentException.class, () -> Reference.eval(x));
    assertThrows(IllegalArgumentException.class, () -> Reference.eval(x, Map.of(x, new double[3])));
    assertArrayEquals(new double[] {1, 2}, Reference.eval(x, Map.of(x, new double[] {1, 2})));
  }

  @Test
  void roundingIsThatOfFloats() {
    Tensor x = Ops.scalar(0.1);
    double[] y = Reference.eval(List.of(x), Map.of(), Reference.Precision.ROUNDED).get(x);
    assertEquals(0.1f, y[0]);
  }

  /** Operands of TF32 are neighbours there of what is given: the nearest, or either. */
  @Test
  void operandsOfTf32AreNeighbours() {
    SplittableRandom random = new SplittableRandom(7);
    double[] numbers = random.doubles(200, -4, 4).map(v -> (float) v).toArray();
    numbers[0] = 0;
    numbers[1] = -1.5; // numbers of TF32
    Tensor x = Tensor.argument("x", DType.F32, Shape.of(200, 1));
    Tensor y = Ops.dot(x, Ops.fill(1, Shape.of(1, 1)));
    double[] nearest = evaluated(y, x, numbers, Reference.Precision.TF32);
    double[] either = evaluated(y, x, numbers, Reference.Precision.TF32_EITHER);
    int other = 0;
    for (int i = 0; i < numbers.length; i++) {
      double place = Math.scalb(1.0, Math.getExponent(numbers[i]) - 10);
      assertTrue(Math.abs(nearest[i] - numbers[i]) <= place / 2, () -> "nearest to a number");
      assertTrue(Math.abs(either[i] - numbers[i]) < place, () -> "either beside a number");
      assertEquals(0, Math.abs(Math.IEEEremainder(either[i], place)));
      other += either[i] == nearest[i] ? 0 : 1;
    }
    assertArrayEquals(new double[] {0, -1.5}, Arrays.copyOf(either, 2));
    assertTrue(other > 60 && other < 140, other + " of 200 are the other one");
  }

  private static double[] evaluated(
      Tensor y, Tensor x, double[] numbers, Reference.Precision precision) {
    return Reference.eval(List.of(y), Map.of(x, numbers), precision).get(y);
  }
}
