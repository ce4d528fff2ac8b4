package io.quickstudy.data.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.data.Rotations;
import io.quickstudy.data.Sets;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is drawn for changes of images: limits, how often, and what else it leaves as it was. */
class AugmentationTest {
  private static final int N = 4000;
  private static final int SIDE = 84;

  private static RandomStream stream(RandomUse use) {
    return new RandomStream(11, use, 0);
  }

  @Test
  void flipsAreAsLikelyAsTheySay() {
    RandomStream r = stream(RandomUse.FLIP);
    Flip flip = new Flip(0.5, 0.1);
    int x = 0;
    int y = 0;
    for (int i = 0; i < N; i++) {
      AffineMap m = flip.draw(r);
      assertTrue(Math.abs(m.a()) == 1 && Math.abs(m.e()) == 1 && m.b() == 0 && m.d() == 0);
      assertTrue(m.c() == 0 && m.f() == 0);
      x += m.a() < 0 ? 1 : 0;
      y += m.e() < 0 ? 1 : 0;
    }
    assertEquals(0.5 * N, x, 5 * Math.sqrt(N * 0.25));
    assertEquals(0.1 * N, y, 5 * Math.sqrt(N * 0.09));
    assertEquals(new AffineMap(-1, 0, 0, 0, 1, 0), new Flip(1, 0).draw(r));
    assertEquals(new AffineMap(1, 0, 0, 0, -1, 0), new Flip(0, 1).draw(r));
  }

  @Test
  void paddedCropsAreAllShiftsToThePadding() {
    RandomStream r = stream(RandomUse.CROP);
    Crop crop = new Crop(1, 1.5, 2);
    Set<Double> right = new TreeSet<>();
    Set<Double> below = new TreeSet<>();
    for (int i = 0; i < 200; i++) {
      AffineMap m = crop.draw(r, SIDE, SIDE);
      assertEquals(new AffineMap(1, 0, m.c(), 0, 1, m.f()), m);
      right.add(m.c());
      below.add(m.f());
    }
    assertEquals(Set.of(-2.0, -1.0, 0.0, 1.0, 2.0), right);
    assertEquals(right, below);
  }

  /** The part's corners in the source, where the middle of the first pixel is 0. */
  private static double[] box(AffineMap m) {
    double w = m.a() * SIDE;
    double h = m.e() * SIDE;
    return new double[] {m.f() - h / 2 + SIDE / 2.0, m.c() - w / 2 + SIDE / 2.0, h, w};
  }

  /**
   * Parts lie inside, in whole pixels, with areas and ratios within the limits; and their mean area
   * and how many are wide are those of another program that draws as torchvision's says.
   */
  @Test
  void resizedCropsAreTorchvisions() {
    RandomStream r = stream(RandomUse.CROP);
    Crop crop = new Crop(0.2, 4.0 / 3, 0);
    double area = 0;
    int wide = 0;
    double left = 0;
    for (int i = 0; i < N; i++) {
      double[] b = box(crop.draw(r, SIDE, SIDE));
      for (double v : b) {
        assertEquals(Math.rint(v), v, 1e-9);
      }
      assertTrue(b[0] > -1e-9 && b[0] + b[2] < SIDE + 1e-9, Arrays.toString(b));
      assertTrue(b[1] > -1e-9 && b[1] + b[3] < SIDE + 1e-9, Arrays.toString(b));
      double share = b[2] * b[3] / (SIDE * SIDE);
      assertTrue(share > 0.2 * 0.97 && share <= 1, "area " + share);
      double ratio = b[3] / b[2];
      assertTrue(ratio < 4.0 / 3 * 1.03 && ratio > 3.0 / 4 / 1.03, "ratio " + ratio);
      area += share / N;
      wide += b[3] > b[2] ? 1 : 0;
      left += (b[1] - (SIDE - b[3]) / 2) / N;
    }
    double[] expected = torchvision(new Random(5), 200_000);
    assertEquals(expected[0], area, 5 * 0.22 / Math.sqrt(N));
    assertEquals(expected[1] * N, wide, 5 * Math.sqrt(N * 0.25));
    assertEquals(0, left, 5 * 15 / Math.sqrt(N), "left and right of the middle alike");
  }

  /** Mean area and share of wide parts. */
  private static double[] torchvision(Random r, int n) {
    double area = 0;
    double wide = 0;
    for (int i = 0; i < n; i++) {
      long w = SIDE;
      long h = SIDE;
      for (int k = 0; k < 10; k++) {
        double target = SIDE * SIDE * (0.2 + 0.8 * r.nextDouble());
        double aspect =
            Math.exp(Math.log(0.75) + r.nextDouble() * (Math.log(4.0 / 3) - Math.log(0.75)));
        long a = Math.round(Math.sqrt(target * aspect));
        long b = Math.round(Math.sqrt(target / aspect));
        if (a > 0 && a <= SIDE && b > 0 && b <= SIDE) {
          w = a;
          h = b;
          break;
        }
      }
      area += (double) (w * h) / (SIDE * SIDE) / n;
      wide += w > h ? 1.0 / n : 0;
    }
    return new double[] {area, wide};
  }

  @Test
  void theWholeAsAPartStaysWhereItIs() {
    assertEquals(AffineMap.IDENTITY, Crop.resized(0, 0, SIDE, SIDE, SIDE, SIDE));
    // the right half: the first pixel's middle is a quarter of one left of the half's first
    AffineMap half = Crop.resized(0, 42, SIDE, 42, SIDE, SIDE);
    double middle = (SIDE - 1) / 2.0;
    assertEquals(42 - 0.25, half.a() * (0 - middle) + half.c() + middle, 1e-12);
    assertEquals(SIDE - 1 + 0.25, half.a() * middle + half.c() + middle, 1e-12);
  }

  @Test
  void mapsFollowOneAnother() {
    AffineMap a = new AffineMap(0.5, 0.25, 3, -0.5, 2, 1);
    AffineMap b = new AffineMap(-1, 0.5, 2, 0.25, 1, -4);
    AffineMap both = a.then(b);
    double x = 3;
    double y = -2;
    double bx = b.a() * x + b.b() * y + b.c();
    double by = b.d() * x + b.e() * y + b.f();
    assertEquals(a.a() * bx + a.b() * by + a.c(), both.a() * x + both.b() * y + both.c(), 1e-12);
    assertEquals(a.d() * bx + a.e() * by + a.f(), both.d() * x + both.e() * y + both.f(), 1e-12);
  }

  @Test
  void factorsAreEvenlyWithinTheirLimits() {
    RandomStream r = stream(RandomUse.COLOUR);
    Jitter jitter = new Jitter(0.4, 1.5, 0, 0.1);
    double[] mean = new double[Jitter.INTEGERS];
    double[] least = {0.6, 0, 1, -0.1};
    double[] most = {1.4, 2.5, 1, 0.1};
    int[] drawn = new int[Jitter.INTEGERS];
    for (int i = 0; i < N; i++) {
      jitter.draw(r, drawn, 0);
      for (int k = 0; k < Jitter.INTEGERS; k++) {
        double v = (double) drawn[k] / Distortion.ONE;
        assertTrue(v >= least[k] - 1e-5 && v <= most[k] + 1e-5, k + ": " + v);
        mean[k] += v / N;
      }
    }
    for (int k = 0; k < Jitter.INTEGERS; k++) {
      double deviation = (most[k] - least[k]) / Math.sqrt(12.0 * N);
      assertEquals((least[k] + most[k]) / 2, mean[k], 5 * deviation + 1e-5, "of " + k);
    }
  }

  @Test
  void erasedRectanglesAreWithinLimits() {
    RandomStream r = stream(RandomUse.ERASING);
    Erasing erasing = new Erasing(0.25, 0.02, 0.4, 1 / 0.3, Erasing.Paint.NOISE);
    int[] b = new int[Erasing.INTEGERS];
    int erased = 0;
    int tall = 0;
    for (int i = 0; i < N; i++) {
      erasing.draw(r, SIDE, SIDE, b, 0);
      if (b[2] == 0) {
        assertArrayEquals(new int[Erasing.INTEGERS], b);
        continue;
      }
      erased++;
      assertTrue(b[0] >= 0 && b[0] + b[2] <= SIDE && b[1] >= 0 && b[1] + b[3] <= SIDE);
      double share = (double) b[2] * b[3] / (SIDE * SIDE);
      assertTrue(share >= 0.02 * 0.93 && share <= 0.4 * 1.03, "area " + share);
      double ratio = (double) b[2] / b[3];
      assertTrue(ratio <= 1 / 0.3 * 1.1 && ratio >= 0.3 / 1.1, "ratio " + ratio);
      tall += b[2] > b[3] ? 1 : 0;
    }
    assertEquals(0.25 * N, erased, 5 * Math.sqrt(N * 0.25 * 0.75));
    assertEquals(0.49 * erased, tall, 5 * Math.sqrt(erased * 0.25));
  }

  private static Augmentation all(double flip) {
    return new Augmentation(
        Optional.of(new Crop(0.5, 1.5, 1)),
        Optional.of(new Flip(flip, 0)),
        Optional.of(new Distortion(1, 10, 0.3, 0.2, 2)),
        Optional.of(new Jitter(0.4, 0.4, 0.4, 0.1)),
        Optional.of(new Erasing(0.5, 0.1, 0.4, 2, Erasing.Paint.NOISE)));
  }

  private static AugmentedSampler sampler(Augmentation a) {
    int[] classes = {0, 1, 2, 3, 4, 5};
    PairSampler pairs = new PairSampler(Sets.random(6, 5), classes, Rotations.CLASSES, 4, 7);
    return new AugmentedSampler(pairs, a, 7);
  }

  @Test
  void everyKindHasNumbersOfItsOwn() {
    AugmentedSampler whole = sampler(all(0));
    TaskBatch two = whole.batch(2);
    whole.fill(10, two);
    List<String> names = List.of("warp", "colour", "erase", "noise");
    for (String name : names) {
      for (String side : List.of("left.", "right.")) {
        assertArrayEquals(whole.one(11).of(side + name, 0), two.of(side + name, 1), name);
        assertFalse(Arrays.equals(two.of(side + name, 0), two.of(side + name, 1)), name);
      }
      assertFalse(Arrays.equals(two.of("left." + name, 0), two.of("right." + name, 0)), name);
    }
    Optional<Jitter> none = Optional.empty();
    Augmentation a = all(0);
    Augmentation grey = new Augmentation(a.crop(), a.flip(), a.distortion(), none, a.erasing());
    for (String name : List.of("left.index", "left.warp", "left.erase", "left.noise")) {
      assertArrayEquals(two.of(name, 0), sampler(grey).one(10).of(name, 0), name);
    }
    assertFalse(sampler(grey).sizes().containsKey("left.colour"));
  }

  /** A mirror image of what is cropped: the distortion's own map is mirrored before the source. */
  @Test
  void aFlipComesBetweenCropAndDistortion() {
    Augmentation a = all(0);
    Augmentation f = all(1);
    Optional<Crop> none = Optional.empty();
    Augmentation still = new Augmentation(none, a.flip(), a.distortion(), a.jitter(), a.erasing());
    Augmentation turned = new Augmentation(none, f.flip(), f.distortion(), f.jitter(), f.erasing());
    int[] plain = sampler(still).one(3).of("left.warp", 0);
    int[] mirrored = sampler(turned).one(3).of("left.warp", 0);
    int[] expected =
        IntStream.range(0, plain.length)
            .map(k -> k % Distortion.INTEGERS < 3 ? -plain[k] : plain[k])
            .toArray();
    for (int k = 0; k < plain.length; k++) {
      assertEquals(expected[k], mirrored[k], 1, "a rounding of halves apart");
    }
  }

  @Test
  void limitsOutsideAreRefused() {
    List<Runnable> wrong =
        List.of(
            () -> new Flip(-0.1, 0),
            () -> new Flip(0, 1.1),
            () -> new Crop(0, 1, 0),
            () -> new Crop(1.1, 1, 0),
            () -> new Crop(1, 0.9, 0),
            () -> new Crop(1, 1, -1),
            () -> new Jitter(-1, 0, 0, 0),
            () -> new Jitter(0, Double.NaN, 0, 0),
            () -> new Jitter(0, 0, 11, 0),
            () -> new Jitter(0, 0, 0, 0.6),
            () -> new Erasing(0, 0.1, 0.2, 2, Erasing.Paint.MEAN),
            () -> new Erasing(1, 0.3, 0.2, 2, Erasing.Paint.MEAN),
            () -> new Erasing(1, 0.1, 1, 2, Erasing.Paint.MEAN),
            () -> new Erasing(1, 0.1, 0.2, 0.5, Erasing.Paint.MEAN));
    for (Runnable w : wrong) {
      String said = assertThrows(IllegalArgumentException.class, w::run).getMessage();
      assertTrue(said.contains("expected") && said.endsWith("; change it."), said);
    }
  }
}
