package io.quickstudy.explain;

import io.quickstudy.explain.GradientTerms.AtRate;
import io.quickstudy.explain.GradientTerms.Expansion;
import io.quickstudy.run.RunException;
import io.quickstudy.text.Text;
import io.quickstudy.train.EvalSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Measures {@link GradientTerms}. The rates go down from a little above the one at which 2 alpha B
 * is as large as A, in factors of the root of 10, until roundings are all that is left.
 */
final class GradientMeasurement {
  private static final double FACTOR = Math.sqrt(10);
  private static final int MOST_RATES = 18;

  /** A misfit has to be so many times that of roundings to say something. */
  private static final double TELLS = 10;

  /** The line goes through the misfits up to so many times the smallest that tells something. */
  private static final double REACH = 1000;

  /** Above this what is left is more than its first term. */
  private static final double SMALL = 0.02;

  /** How far from 2 a slope between two rates is that no third order explains. */
  private static final double FAR = 0.5;

  private final Expectations of;
  private final double[] a;
  private final double[] b;
  private final double sizeA;

  private GradientMeasurement(Expectations of, EvalSpec spec) {
    this.of = of;
    Map<String, double[]> terms = of.terms();
    this.a = part(terms, Expectations.A);
    this.b = part(terms, Expectations.B);
    this.sizeA = size(a);
    if (!(sizeA > 0) || !Double.isFinite(sizeA) || !Double.isFinite(size(b))) {
      throw new RunException(
          "The mean gradient of %s has size %s, and B %s: expected positive finite numbers; measure a checkpoint that learned, or a fresh network."
              .formatted(Text.count(spec.episodes(), "task"), sizeA, size(b)));
    }
  }

  /**
   * Measures.
   *
   * @param tiny a rate so small, as a part of the scale, that nothing but roundings is left
   * @param own the learner's own inner rate
   */
  static GradientTerms measure(
      Expectations of, EvalSpec spec, String device, double tiny, OptionalDouble own) {
    long start = System.nanoTime();
    GradientMeasurement m = new GradientMeasurement(of, spec);
    double sizeB = size(m.b);
    double scale = sizeB == 0 ? 1 : m.sizeA / (2 * sizeB);
    double rounding = Collections.max(m.misfits(of.rate(tiny * scale)).values());
    List<Double> rates = new ArrayList<>();
    List<Map<Method, Double>> misfits = new ArrayList<>();
    for (int i = 0; i < MOST_RATES; i++) {
      double rate = of.rate(scale * FACTOR * Math.pow(FACTOR, -i));
      Map<Method, Double> f = m.misfits(rate);
      rates.add(rate);
      misfits.add(f);
      if (Collections.max(f.values()) < 3 * rounding) {
        break;
      }
    }
    Collections.reverse(rates);
    Collections.reverse(misfits);
    List<Expansion> expansions = new ArrayList<>();
    for (Method method : Method.values()) {
      double[] x = rates.stream().mapToDouble(r -> r).toArray();
      double[] y = misfits.stream().mapToDouble(f -> f.get(method)).toArray();
      expansions.add(
          new Expansion(method, x, y, slope(x, y, rounding), holds(x, y), kink(x, y, rounding)));
    }
    Optional<AtRate> at =
        own.isPresent() ? Optional.of(m.at(of.rate(own.getAsDouble()))) : Optional.empty();
    return new GradientTerms(
        spec,
        device,
        m.a.length,
        m.sizeA,
        sizeB,
        cosine(m.a, m.b),
        scale,
        rounding,
        expansions,
        at,
        (System.nanoTime() - start) / 1e9);
  }

  /** Of each method at a rate. */
  private Map<Method, Double> misfits(double alpha) {
    Map<String, double[]> d = of.directions(alpha);
    Map<Method, Double> f = new EnumMap<>(Method.class);
    for (Method m : Method.values()) {
      f.put(m, misfit(m, part(d, m.key()), alpha));
    }
    return f;
  }

  private double misfit(Method m, double[] direction, double alpha) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double left = direction[i] - (m.ofA() * a[i] - m.ofB() * alpha * b[i]);
      sum += left * left;
    }
    return Math.sqrt(sum) / (m.ofA() * sizeA);
  }

  private AtRate at(double alpha) {
    Map<String, double[]> d = of.directions(alpha);
    double[] maml = part(d, Method.MAML.key());
    double[] moved = maml.clone();
    for (int i = 0; i < a.length; i++) {
      moved[i] -= a[i];
    }
    return new AtRate(
        alpha,
        2 * alpha * size(b) / sizeA,
        size(moved) / sizeA,
        misfit(Method.MAML, maml, alpha),
        cosine(maml, a),
        cosine(maml, part(d, Method.FOMAML.key())),
        cosine(maml, part(d, Method.REPTILE.key())));
  }

  /** Least squares on logarithms, from the smallest misfit that tells something upward. */
  static double slope(double[] rates, double[] misfits, double rounding) {
    List<double[]> points = new ArrayList<>();
    double least = Double.NaN;
    for (int i = 0; i < rates.length; i++) {
      boolean tells = misfits[i] > TELLS * rounding && misfits[i] < SMALL;
      if (tells && Double.isNaN(least)) {
        least = misfits[i];
      }
      if (tells && misfits[i] <= REACH * least) {
        points.add(new double[] {Math.log(rates[i]), Math.log(misfits[i])});
      }
    }
    if (points.size() < 2) {
      return Double.NaN;
    }
    double mx = points.stream().mapToDouble(p -> p[0]).average().orElseThrow();
    double my = points.stream().mapToDouble(p -> p[1]).average().orElseThrow();
    double xy = points.stream().mapToDouble(p -> (p[0] - mx) * (p[1] - my)).sum();
    double xx = points.stream().mapToDouble(p -> (p[0] - mx) * (p[0] - mx)).sum();
    return xy / xx;
  }

  /**
   * The smaller rate of two between which misfits that tell something are far from a slope of 2.
   */
  private static OptionalDouble kink(double[] rates, double[] misfits, double rounding) {
    for (int i = 1; i < rates.length; i++) {
      if (misfits[i - 1] > TELLS * rounding && misfits[i] < SMALL) {
        double local = Math.log(misfits[i] / misfits[i - 1]) / Math.log(rates[i] / rates[i - 1]);
        if (Math.abs(local - 2) > FAR) {
          return OptionalDouble.of(rates[i - 1]);
        }
      }
    }
    return OptionalDouble.empty();
  }

  /** Where the misfits, from the smallest rate on, first pass the bound; between two rates. */
  private static double holds(double[] rates, double[] misfits) {
    for (int i = 0; i < rates.length; i++) {
      if (!(misfits[i] <= GradientTerms.HOLDS)) {
        if (i == 0) {
          return Double.NaN;
        }
        double part =
            Math.log(GradientTerms.HOLDS / misfits[i - 1]) / Math.log(misfits[i] / misfits[i - 1]);
        return Double.isFinite(misfits[i])
            ? rates[i - 1] * Math.pow(rates[i] / rates[i - 1], part)
            : rates[i - 1];
      }
    }
    return rates[rates.length - 1];
  }

  /** All numbers under a name's part, in the order of names. */
  private static double[] part(Map<String, double[]> of, String key) {
    return of.entrySet().stream()
        .filter(e -> e.getKey().startsWith(key + "."))
        .flatMapToDouble(e -> Arrays.stream(e.getValue()))
        .toArray();
  }

  private static double dot(double[] x, double[] y) {
    double s = 0;
    for (int i = 0; i < x.length; i++) {
      s += x[i] * y[i];
    }
    return s;
  }

  private static double size(double[] x) {
    return Math.sqrt(dot(x, x));
  }

  private static double cosine(double[] x, double[] y) {
    return dot(x, y) / (size(x) * size(y));
  }
}
