package io.quickstudy.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomStreamTest {
  /** The known answers of Random123, kat_vectors. */
  @Test
  void philoxGivesTheKnownAnswers() {
    assertArrayEquals(
        new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, philox(0, 0, 0, 0, 0, 0));
    assertArrayEquals(
        new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}, philox(-1, -1, -1, -1, -1, -1));
    assertArrayEquals(
        new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
        philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0));
  }

  private static int[] philox(int c0, int c1, int c2, int c3, int k0, int k1) {
    int[] out = new int[4];
    Philox.block(c0, c1, c2, c3, k0, k1, out, 0);
    return out;
  }

  @Test
  void purposesHaveIdsOfTheirOwn() {
    long ids = Arrays.stream(RandomUse.values()).mapToInt(RandomUse::id).distinct().count();
    assertEquals(RandomUse.values().length, ids);
  }

  @Test
  void streamsReplayAndDiffer() {
    long first = new RandomStream(7, RandomUse.EPISODE, 3).nextLong();
    assertEquals(first, new RandomStream(7, RandomUse.EPISODE, 3).nextLong());
    assertNotEquals(first, new RandomStream(8, RandomUse.EPISODE, 3).nextLong());
    assertNotEquals(first, new RandomStream(7L + (1L << 32), RandomUse.EPISODE, 3).nextLong());
    assertNotEquals(first, new RandomStream(7, RandomUse.SEQUENCE, 3).nextLong());
    assertNotEquals(first, new RandomStream(7, RandomUse.EPISODE, 4).nextLong());
    assertNotEquals(first, new RandomStream(7, RandomUse.EPISODE, 3L + (1L << 32)).nextLong());
  }

  @Test
  void boundedIntegersAreUniform() {
    int bound = 7;
    int[] counts = new int[bound];
    RandomStream random = new RandomStream(1, RandomUse.NOISE, 0);
    for (int i = 0; i < 70_000; i++) {
      counts[random.nextInt(bound)]++;
    }
    assertTrue(ChiSquare.of(counts) < 22.5, Arrays.toString(counts)); // 6 degrees, p = 0.001
  }

  /** A bound of 3 * 2^29 would show the bias of a plain product: 2/3 of all draws below a half. */
  @Test
  void largeBoundsAreUnbiased() {
    int bound = 3 << 29;
    RandomStream random = new RandomStream(2, RandomUse.NOISE, 0);
    int[] thirds = new int[3];
    for (int i = 0; i < 30_000; i++) {
      int drawn = random.nextInt(bound);
      assertTrue(drawn >= 0 && drawn < bound);
      thirds[drawn / (1 << 29)]++;
      random.nextInt();
    }
    assertTrue(ChiSquare.of(thirds) < 13.8, Arrays.toString(thirds));
  }

  @Test
  void doublesAndGaussiansHaveTheirMoments() {
    RandomStream random = new RandomStream(3, RandomUse.NOISE, 0);
    double sum = 0;
    double normal = 0;
    double squares = 0;
    int n = 50_000;
    for (int i = 0; i < n; i++) {
      double d = random.nextDouble();
      assertTrue(d >= 0 && d < 1);
      double g = random.nextGaussian();
      sum += d;
      normal += g;
      squares += g * g;
    }
    assertEquals(0.5, sum / n, 0.006);
    assertEquals(0, normal / n, 0.02);
    assertEquals(1, squares / n, 0.03);
  }

  @Test
  void permutationsAreUniform() {
    int[] counts = new int[27];
    for (int i = 0; i < 6000; i++) {
      int[] p = new RandomStream(4, RandomUse.NOISE, i).permutation(3);
      counts[9 * p[0] + 3 * p[1] + p[2]]++;
    }
    int[] seen = IntStream.of(counts).filter(c -> c > 0).toArray();
    assertEquals(6, seen.length);
    assertTrue(ChiSquare.of(seen) < 20.5, Arrays.toString(seen));
  }

  @Test
  void choicesAreDistinctInBothWays() {
    for (int n : new int[] {1, 5, 20, 1000}) {
      for (int k : new int[] {0, 1, 5, 20}) {
        if (k <= n) {
          int[] chosen = new RandomStream(5, RandomUse.NOISE, n).distinct(k, n);
          assertEquals(k, IntStream.of(chosen).filter(c -> c >= 0 && c < n).distinct().count());
        }
      }
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new RandomStream(5, RandomUse.NOISE, 0).distinct(3, 2));
    assertThrows(
        IllegalArgumentException.class, () -> new RandomStream(5, RandomUse.NOISE, 0).nextInt(0));
  }
}
