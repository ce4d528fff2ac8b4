package io.quickstudy.check;

import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.transform.Params;
import io.quickstudy.transform.Simplifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** The whole gradient against differences of the loss along random directions. */
public final class Differences {
  /**
   * Of the gradient, relative to the derivative along the direction, the gradient's size or a
   * hundredth of the loss.
   */
  static final double BOUND = 1e-7;

  /** Of the differences; two of them, so that a kink of a ReLU or pooling window between shows. */
  static final double[] STEPS = {2e-6, 4e-6};

  static final String NAME = "gradient against differences";

  /**
   * The least gradient, as a part of the loss, that differences tell from the roundings of the
   * loss: some of these over a step are 3e-10 of it, which must be less than half the bound.
   */
  private static final double LEAST = 1e-2;

  private static final int DIRECTIONS = 3;
  private static final int DRAWS = 60;
  private static final long DIRECTION_SEED = 3;

  private final MetaGradient of;
  private final Tensor loss;

  private Differences(MetaGradient of) {
    this.of = of;
    this.loss = Simplifier.simplify(List.of(of.loss())).get(0);
  }

  /**
   * Compares the two in double precision, along directions and on tasks without a kink.
   *
   * @param seed of the first tasks drawn; others follow
   */
  public static Comparison compare(MetaGradient m, long seed) {
    return new Differences(m).compare(seed);
  }

  private Comparison compare(long seed) {
    SplittableRandom random = new SplittableRandom(DIRECTION_SEED);
    double worst = 0;
    int smooth = 0;
    for (int k = 0; k < DRAWS && smooth < DIRECTIONS; k++) {
      Map<Tensor, double[]> values = of.draw(seed + k);
      Map<Tensor, double[]> g = Reference.eval(of.gradient().values(), values);
      Map<Tensor, double[]> direction = direction(of.trainable(), random);
      Along a = along(values, g, direction);
      if (a.kinked()) {
        continue;
      }
      smooth++;
      worst = worse(worst, a.error());
      if (!(a.error() <= BOUND)) {
        String note =
            String.format(
                Locale.ROOT,
                "along a random direction the gradient is %.9g, differences give %.9g; %s",
                a.gradient,
                a.differences,
                culprits(values, g, direction));
        return Comparison.of(NAME, worst, BOUND, note);
      }
    }
    return smooth == DIRECTIONS
        ? Comparison.of(NAME, worst, BOUND, "")
        : Comparison.failed(
            NAME,
            ("only %s of %s directions in %s draws have no kink nearby; check it with fewer"
                    + " examples or smoother functions")
                .formatted(smooth, DIRECTIONS, DRAWS));
  }

  /** The larger; NaN if one is. */
  static double worse(double a, double b) {
    return Math.max(a, b);
  }

  /**
   * A derivative by the gradient and by differences of two steps.
   *
   * @param bend by how much the slopes on either side differ, beyond what a curve explains
   */
  private record Along(
      double gradient, double differences, double wider, double bend, double scale) {
    /** Whether the differences disagree among themselves, or the slopes on either side. */
    boolean kinked() {
      return Math.abs(differences - wider) > BOUND / 2 * scale || bend > BOUND / 2 * scale;
    }

    double error() {
      double off = Math.abs(gradient - differences);
      return off == 0 ? 0 : off / scale;
    }
  }

  private Along along(
      Map<Tensor, double[]> values, Map<Tensor, double[]> g, Map<Tensor, double[]> direction) {
    double square = 0;
    for (Tensor t : of.gradient().values()) {
      for (double v : g.get(t)) {
        square += v * v;
      }
    }
    double along = 0;
    for (String n : of.gradient().names()) {
      double[] d = direction.get(of.trainable().get(n));
      double[] gn = g.get(of.gradient().get(n));
      for (int i = 0; d != null && i < d.length; i++) {
        along += d[i] * gn[i];
      }
    }
    double difference = difference(values, direction, STEPS[0]);
    double scale = Math.max(Math.abs(difference), 0.5 * Math.sqrt(square));
    double least = LEAST * Math.abs(at(values, direction, 0));
    double wider = difference(values, direction, STEPS[1]);
    return new Along(along, difference, wider, bend(values, direction), Math.max(scale, least));
  }

  /**
   * The slope ahead less that behind grows with the step where a curve bends, and stays where the
   * point is on a kink itself, as that of a ReLU whose inputs and bias are all 0. There,
   * differences on both sides are the mean of two slopes at any step.
   */
  private double bend(Map<Tensor, double[]> values, Map<Tensor, double[]> direction) {
    double one = turn(values, direction, STEPS[0]);
    double two = turn(values, direction, 2 * STEPS[0]);
    return Math.abs(2 * one - two);
  }

  private double turn(Map<Tensor, double[]> values, Map<Tensor, double[]> direction, double step) {
    double ends = at(values, direction, step) + at(values, direction, -step);
    return (ends - 2 * at(values, direction, 0)) / step;
  }

  private static Map<Tensor, double[]> direction(Params p, SplittableRandom random) {
    Map<Tensor, double[]> out = new LinkedHashMap<>();
    p.values().forEach(t -> out.put(t, random.doubles(t.shape().size(), -1, 1).toArray()));
    return out;
  }

  /** Which parameters' part of the gradient is wrong, each moved alone. */
  private String culprits(
      Map<Tensor, double[]> values, Map<Tensor, double[]> g, Map<Tensor, double[]> direction) {
    List<String> names = new ArrayList<>();
    for (String n : of.trainable().names()) {
      Tensor t = of.trainable().get(n);
      Along a = along(values, g, Map.of(t, direction.get(t)));
      if (!a.kinked() && !(a.error() <= BOUND)) {
        names.add("'" + n + "'");
      }
    }
    return names.isEmpty()
        ? "no parameter alone shows it"
        : "wrong for " + String.join(", ", names);
  }

  private double difference(
      Map<Tensor, double[]> values, Map<Tensor, double[]> direction, double step) {
    double near = at(values, direction, step) - at(values, direction, -step);
    double far = at(values, direction, 2 * step) - at(values, direction, -2 * step);
    return (8 * near - far) / (12 * step);
  }

  private double at(Map<Tensor, double[]> values, Map<Tensor, double[]> direction, double step) {
    return Reference.eval(loss, moved(values, direction, step))[0];
  }

  /** Numbers a step along a direction. */
  static Map<Tensor, double[]> moved(
      Map<Tensor, double[]> values, Map<Tensor, double[]> direction, double step) {
    Map<Tensor, double[]> moved = new LinkedHashMap<>(values);
    direction.forEach(
        (t, d) -> {
          double[] x = values.get(t).clone();
          for (int i = 0; i < x.length; i++) {
            x[i] += step * d[i];
          }
          moved.put(t, x);
        });
    return moved;
  }
}
