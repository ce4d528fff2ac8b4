package io.quickstudy.check;

import io.quickstudy.backend.BackendException;
import io.quickstudy.backend.Precision;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Tensor;
import io.quickstudy.reference.Reference;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.runtime.Engine;
import io.quickstudy.runtime.Function;
import io.quickstudy.runtime.Signature;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * A device that is compared with the reference.
 *
 * @param name as in reports
 * @param engine on it
 * @param precision of its convolutions and products
 */
record Device(String name, Engine engine, Precision precision) implements AutoCloseable {
  private static final int DRAWS = 20;
  private static final long DIRECTION_SEED = 4;
  private static final double[] NUDGES = {0, 0x1p-25, -0x1p-25, 0x1p-24, -0x1p-24, 0x1p-23};
  private static final double[] STEPS = {Differences.STEPS[0], -Differences.STEPS[0]};
  private static final double TF32_MOST = 0x1p-8;
  private static final String THETA = "theta";
  private static final String TASK = "task";

  /** Opens one. */
  static Device open(String device, int workers, Precision precision) {
    return new Device(
        device + " " + precision.name().toLowerCase(java.util.Locale.ROOT),
        Engine.open(device, workers, precision),
        precision);
  }

  /** Its gradient and loss against the reference's. */
  Comparison compare(MetaGradient m, long seed) {
    String what = name + " against the reference";
    for (long s = seed; s < seed + DRAWS; s++) {
      Map<Tensor, double[]> values = m.draw(s);
      Map<Tensor, double[]> exact = Reference.eval(m.outputs(), values);
      OptionalDouble bound = bound(m, values, exact, s);
      if (bound.isPresent()) {
        return against(m, values, exact, bound.getAsDouble(), what);
      }
    }
    return Comparison.failed(
        what,
        ("in each of %s draws the gradient moves by more than %s where %s, so that no roundings can"
                + " be told from errors; take fewer inner steps or a lower rate")
            .formatted(
                DRAWS,
                Comparison.number(most()),
                precision == Precision.TF32
                    ? "operands are rounded to TF32"
                    : "numbers move by " + Comparison.number(Differences.STEPS[0])));
  }

  private Comparison against(
      MetaGradient m,
      Map<Tensor, double[]> values,
      Map<Tensor, double[]> exact,
      double bound,
      String what) {
    try {
      Deviation e = Deviation.of(m, exact, run(m, values));
      return Comparison.of(what, e.relative(), bound, e.where());
    } catch (BackendException | IllegalStateException e) {
      return Comparison.failed(what, e.getMessage());
    }
  }

  /** The most that roundings may move a gradient that errors are to be told from. */
  private double most() {
    return precision == Precision.TF32 ? TF32_MOST : Deviation.FLOAT / 2;
  }

  /**
   * The largest deviation that passes on these tasks. They must put no ReLU or pooling window so
   * near its kink that rounding decides: a step by as much as roundings do hardly changes the
   * gradient. In FP32 that step is one of the numbers given; in TF32 it is what other roundings of
   * the products' operands do, and since a library may round either way, a device may be twice as
   * far from the exact gradient as the farthest of them.
   *
   * @return none if they are too near to one
   */
  private OptionalDouble bound(
      MetaGradient m, Map<Tensor, double[]> values, Map<Tensor, double[]> exact, long seed) {
    SplittableRandom random = new SplittableRandom(DIRECTION_SEED + seed);
    Map<Tensor, double[]> direction = new LinkedHashMap<>();
    values.forEach(
        (t, x) -> {
          if (t.dtype() == DType.F32) {
            direction.put(t, random.doubles(x.length, -1, 1).toArray());
          }
        });
    boolean narrow = precision == Precision.TF32;
    double worst = 0;
    // What a 32-bit float cannot tell apart still falls to other neighbours in TF32.
    for (double step : narrow ? NUDGES : STEPS) {
      Map<Tensor, double[]> there =
          Reference.eval(
              m.outputs(),
              Differences.moved(values, direction, step),
              narrow ? Reference.Precision.TF32_EITHER : Reference.Precision.DOUBLE);
      Deviation d = Deviation.of(m, exact, m.outputs().stream().map(there::get).toList());
      worst = Math.max(worst, d.relative());
    }
    if (!(worst <= most())) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(narrow ? Math.max(2 * worst, Deviation.FLOAT) : Deviation.FLOAT);
  }

  /** What it computes, cut along the tasks as in training. */
  List<double[]> run(MetaGradient m, Map<Tensor, double[]> values) {
    Params inputs = m.theta().under(THETA).with(m.tasks().under(TASK));
    Map<String, Op.Type> types = Signature.types(inputs);
    Signature signature =
        new Signature(Map.of(), types, Map.of(), m.count(), m.tasks().under(TASK).names());
    Function f =
        (state, in, residents) -> {
          MetaGradient.Traced t = m.trace(in.sub(THETA), in.sub(TASK));
          return new Function.Result(Params.empty(), Params.of(t.outputs()));
        };
    try (Compiled c = engine.compile("check of " + m.subject().name(), signature, f)) {
      for (String n : inputs.names()) {
        double[] x = values.get(inputs.get(n));
        if (types.get(n).dtype() == DType.I32) {
          c.set(n, Arrays.stream(x).mapToInt(v -> (int) v).toArray());
        } else {
          c.set(n, floats(x));
        }
      }
      c.run();
      List<double[]> out = new ArrayList<>();
      c.outputs().forEach(n -> out.add(doubles(c.output(n).data())));
      return out;
    }
  }

  private static float[] floats(double[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) x[i];
    }
    return y;
  }

  private static double[] doubles(float[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i];
    }
    return y;
  }

  @Override
  public void close() {
    engine.close();
  }
}
